"""Shape of what staff types about sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.ingestion.choices import SourceKind
from apps.ingestion.models import Source, Upload
from apps.ingestion.sources.columns import COLUMN_FIELDS, KEPT, LEFT_OUT
from apps.ingestion.sources.reading import PAGE_KINDS
from apps.ingestion.sources.recipes import RecipeInvalid, read_recipe
from apps.ingestion.steps.fields import GROUPS

if TYPE_CHECKING:
    Base = forms.ModelForm[Source]
else:
    Base = forms.ModelForm


GROUP_NAMES: dict[str, str | Promise] = {
    "description": _("description"), "category": _("catégorie"), "position": _("position"), "city": _("ville et quartier"),
    "address": _("adresse"), "phones": _("téléphones"), "email": _("e-mail"), "website": _("site web"), "hours": _("horaires"),
    "attributes": _("équipements"), "extra": _("autres"),
}  # fmt: skip


class Recipe(forms.JSONField):
    """A recipe, on several lines."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Indented, as people read it."""
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class SourceForm(Base):
    """A source; a recipe that cannot work is refused with the place of each mistake."""

    recipe = Recipe(
        label=_("Recette"), required=False, widget=forms.Textarea(attrs={"rows": 16, "class": "source-recipe", "spellcheck": "false"}),
        help_text=_("En JSON ; les champs et des exemples sont dans docs/sources.md. Essayez-la avant de programmer la lecture."),
    )  # fmt: skip
    allowed_fields = forms.MultipleChoiceField(
        label=_("Champs permis"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, GROUP_NAMES[name]) for name in GROUPS],
        help_text=_("Ce que la source a le droit de remplir ; rien de coché : tout."),
    )  # fmt: skip

    class Meta:
        model = Source
        fields = (
            "name", "slug", "kind", "licence", "licence_url", "attribution", "lawful_basis", "contact", "expires_at", "policy", "trust",
            "allowed_fields", "min_quality", "url", "every_hours", "recipe",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Two boxes have one label, which names neither to who cannot see them.
        boxes = getattr(getattr(self.fields.get("expires_at"), "widget", None), "widgets", ())
        for part, said in zip(boxes, (_("date"), _("heure")), strict=False):
            part.attrs["aria-label"] = _("droit d’usage jusqu’au (%(part)s)") % {"part": said}

    def clean_recipe(self) -> Any:
        """Empty is an empty recipe."""
        recipe = self.cleaned_data["recipe"]
        return {} if recipe is None else recipe

    def clean(self) -> dict[str, Any]:
        """What only works together."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind", "")
        if kind and "recipe" in data:
            try:
                read_recipe(kind, data["recipe"])
            except RecipeInvalid as error:
                for place, said in error.errors:
                    self.add_error("recipe", f"{place} : {said}")
        if kind in PAGE_KINDS and not data.get("url"):
            self.add_error("url", _("Cette sorte de source se lit à une adresse."))
        if data.get("every_hours") and (kind == SourceKind.PUSH or not data.get("url")):
            self.add_error("every_hours", _("Seule une source qui a une adresse à lire se relit toute seule."))
        return data


class TrialForm(forms.Form):
    """The page on which a recipe is tried."""

    url = forms.URLField(label=_("Adresse de la page"), max_length=2000, assume_scheme="https")


# What a column may be, as staff reads it.
COLUMN_WORDS: dict[str, str | Promise] = {
    "name": _("Nom"), "category": _("Catégorie"), "phone": _("Téléphones"), "whatsapp": _("WhatsApp"), "email": _("E-mail"),
    "website": _("Site web"), "address": _("Adresse"), "po_box": _("Boîte postale"), "landmark": _("Point de repère"),
    "quarter": _("Quartier"), "city": _("Ville"), "region": _("Région"), "lat": _("Latitude"), "lon": _("Longitude"),
    "position": _("Position (latitude, longitude)"), "opening_hours": _("Horaires"), "description": _("Description"),
    "name_en": _("Nom en anglais"), "source_id": _("Identifiant dans la source"), "source_url": _("Adresse de la page d’origine"),
}  # fmt: skip


class UploadForm(forms.Form):
    """A file with entries."""

    file = forms.FileField(
        label=_("Fichier"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.ndjson,.jsonl,.geojson,.gz"}),
        help_text=_("Excel (.xlsx), CSV, NDJSON ou GeoJSON, 50 Mo au plus. La première ligne d’un tableau nomme ses colonnes."),
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """What each column of a file is: `c0`, `c1`, … in its order."""

    is_full = forms.BooleanField(
        label=_("Ce fichier est la liste complète de la source"), required=False,
        help_text=_("Une fiche absente de trois listes complètes de suite est marquée « à confirmer » ; rien n’est supprimé."),
    )  # fmt: skip

    def __init__(self, upload: Upload, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_full"].initial = upload.is_full
        self._names = [str(column["name"]) for column in upload.columns]
        words = [(field, COLUMN_WORDS[field]) for field in COLUMN_FIELDS]
        choices = [(LEFT_OUT, _("— laisser de côté —")), *words, (KEPT, _("Garder parmi les autres données"))]
        for place, name in enumerate(self._names):
            self.fields[f"c{place}"] = forms.ChoiceField(
                label=name, required=False, choices=choices, initial=upload.mapping.get(name, LEFT_OUT)
            )

    @property
    def mapping(self) -> dict[str, str]:
        """Column to field."""
        return {name: self.cleaned_data.get(f"c{place}", LEFT_OUT) for place, name in enumerate(self._names)}

    def clean(self) -> dict[str, Any]:
        """One column gives the names."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "name" not in {data.get(f"c{place}") for place in range(len(self._names))}:
            raise forms.ValidationError(_("Dites quelle colonne donne le nom."))
        return data


class IngestKeyForm(forms.Form):
    """Who gets a key for a source."""

    email = forms.EmailField(label=_("Compte"), help_text=_("L’adresse du compte au nom duquel la clé enverra des fiches."))
    name = forms.CharField(label=_("Nom de la clé"), max_length=100)

    def clean_email(self) -> User:
        """The account."""
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True, deleted_at=None).first()
        if user is None:
            raise forms.ValidationError(_("Aucun compte actif n’a cette adresse."))
        return user
