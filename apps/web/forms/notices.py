"""Forms of how somebody wants to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.notifications.choices import PHONE_CHANNELS, Category, Channel, Mode
from apps.notifications.gate import Quiet, needs_consent
from apps.notifications.models.preferences import QUIET_FROM, QUIET_UNTIL
from apps.notifications.selectors.preferences import Preferences
from apps.notifications.services.preferences import consent_text

_ABOUT: dict[Category, Promise] = {
    Category.SECURITY: _("Connexions, mots de passe, clés exposées. Toujours sur le site et par e-mail."),
    Category.ACCOUNT: _("Votre archive, la suppression du compte, vos adresses."),
    Category.BILLING: _("Reçus, échéances, remboursements. Toujours sur le site et par e-mail."),
    Category.LISTING: _("Ce qui change sur vos fiches, et ce que d’autres proposent."),
    Category.MODERATION: _("Publication, refus, suspension d’une fiche, et pourquoi."),
    Category.API: _("Quota, clés qui expirent, webhooks qui échouent."),
    Category.REPORTS: _("Rapports prêts et résumés de vos statistiques."),
    Category.INGESTION: _("Imports terminés ou en difficulté."),
    Category.STAFF: _("Ce que l’équipe doit regarder."),
    Category.NEWS: _("Nouveautés et conseils, quelques fois par an."),
}


@dataclass(frozen=True)
class Group:
    """A category with what can be chosen for it."""

    category: Category
    about: str | Promise
    fields: list[BoundField]
    phone_fields: list[BoundField]
    is_fixed: bool


class PreferencesForm(forms.Form):
    """A field for each category and channel that can be chosen: a mode for mails, yes or no for the others."""

    def __init__(self, data: Any = None, *, preferences: Preferences, language: str) -> None:
        """:param language: of the words that somebody agrees to: those that are kept as his consent."""
        super().__init__(data)
        self._choices = {f"{one.category}-{one.channel}": one for one in preferences.choices}
        for name, one in self._choices.items():
            if one.is_fixed:
                continue
            agreed = consent_text(one.category, one.channel, language=language) if needs_consent(one.category, one.channel) else ""
            if one.channel == Channel.EMAIL:
                self.fields[name] = forms.ChoiceField(
                    label=Channel.EMAIL.label, choices=Mode.choices, initial=one.mode, help_text=agreed,
                    widget=forms.Select(attrs={"class": "select"}),
                )  # fmt: skip
            else:
                self.fields[name] = forms.BooleanField(
                    label=agreed or one.channel.label, required=False, initial=one.mode != Mode.NEVER,
                    disabled=one.channel in PHONE_CHANNELS and not preferences.phone,
                )  # fmt: skip

    def changes(self) -> list[tuple[Category, Channel, Mode]]:
        """What is chosen otherwise than before. Only for a valid form."""
        found = []
        for name in self.changed_data:
            one, value = self._choices[name], self.cleaned_data[name]
            mode = Mode(value) if one.channel == Channel.EMAIL else (Mode.NOW if value else Mode.NEVER)
            found.append((one.category, one.channel, mode))
        return found

    def groups(self) -> Iterator[Group]:
        """The fields by category, as the page shows them."""
        for category in dict.fromkeys(one.category for one in self._choices.values()):
            names = [name for name, one in self._choices.items() if one.category == category]
            bound = [(self._choices[name].channel, self[name]) for name in names if name in self.fields]
            yield Group(
                category, _ABOUT[category],
                [field for channel, field in bound if channel not in PHONE_CHANNELS],
                [field for channel, field in bound if channel in PHONE_CHANNELS],
                is_fixed=any(self._choices[name].is_fixed for name in names),
            )  # fmt: skip


def _clock() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "input"})


class QuietHoursForm(forms.Form):
    """Between which hours nothing that can wait is sent."""

    is_on = forms.BooleanField(label=_("Garder des heures calmes"), required=False)
    starts_at = forms.TimeField(label=_("De"), widget=_clock())
    ends_at = forms.TimeField(label=_("À"), widget=_clock())

    @classmethod
    def of(cls, quiet: Quiet | None) -> QuietHoursForm:
        """The form with what holds now."""
        starts_at, ends_at = quiet or (QUIET_FROM, QUIET_UNTIL)
        return cls(initial={"is_on": quiet is not None, "starts_at": starts_at, "ends_at": ends_at})

    def clean(self) -> dict[str, dt.time | bool]:
        """They have a length."""
        data: dict[str, dt.time | bool] = super().clean() or {}
        if "starts_at" in data and data["starts_at"] == data.get("ends_at"):
            self.add_error("ends_at", forms.ValidationError(_("Choisissez une autre heure que celle du début."), code="length"))
        return data
