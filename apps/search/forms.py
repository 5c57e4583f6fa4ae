"""Shape of what staff types about synonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.search.analysis import QUERY_LENGTH_MAX, folded
from apps.search.constants import GROUP_MAX, GROUP_MIN, PHRASE_LENGTH_MAX
from apps.search.models import SynonymGroup
from apps.search.selectors.phrases import PHRASE_WORDS_MAX, significant_words
from apps.search.selectors.trying import QUERIES_MAX

if TYPE_CHECKING:
    Base = forms.ModelForm[SynonymGroup]
else:
    Base = forms.ModelForm


class Lines(forms.CharField):
    """Several values, one a line; blank lines and repeated spaces do not count."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list, not a text
        """The lines."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [" ".join(line.split()) for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lines differ."""
        return self.to_python(initial) != self.to_python(data)

    def validate(self, value: Any) -> None:
        """Required means that there is a line."""
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Lengths are of lines: the form looks at them."""


class SynonymGroupForm(Base):
    """A group; says in words what the database would refuse, and what no search could use."""

    words = Lines(
        label=_("Mots et expressions"), widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Un mot ou une expression par ligne, en français, en anglais ou en pidgin. Accents et majuscules ne comptent pas."),
    )  # fmt: skip

    class Meta:
        model = SynonymGroup
        fields = ("key", "words")
        help_texts = {"key": _("Un nom court, sans espace ni accent. Il ne change plus.")}  # noqa: RUF012  Django's way

    def clean_words(self) -> list[str]:
        """Phrases that searches can find, each once."""
        phrases: list[str] = self.cleaned_data["words"]
        if not GROUP_MIN <= len(phrases) <= GROUP_MAX:
            raise forms.ValidationError(_("Donnez de %(least)s à %(most)s lignes.") % {"least": GROUP_MIN, "most": GROUP_MAX})
        seen: dict[tuple[str, ...], str] = {}
        for phrase in phrases:
            words = significant_words(folded(phrase).split())
            if len(phrase) > PHRASE_LENGTH_MAX or not 0 < len(words) <= PHRASE_WORDS_MAX:
                raise forms.ValidationError(
                    _("« %(phrase)s » : un à %(words)s mots, %(letters)s caractères au plus.")
                    % {"phrase": phrase, "words": PHRASE_WORDS_MAX, "letters": PHRASE_LENGTH_MAX}
                )
            if words in seen:
                raise forms.ValidationError(
                    _("« %(one)s » et « %(other)s » sont déjà la même chose pour la recherche.") % {"one": seen[words], "other": phrase}
                )
            seen[words] = phrase
        return phrases


class TrialForm(forms.Form):
    """Queries to try drafts with."""

    queries = Lines(
        label=_("Recherches à essayer"), widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Une par ligne, dix au plus."),
    )  # fmt: skip

    def clean_queries(self) -> list[str]:
        """At most ten, each cut as a search would."""
        queries: list[str] = self.cleaned_data["queries"]
        if len(queries) > QUERIES_MAX:
            raise forms.ValidationError(_("Au plus %(most)s recherches à la fois.") % {"most": QUERIES_MAX})
        return [query[:QUERY_LENGTH_MAX] for query in queries]
