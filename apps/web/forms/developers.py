"""Forms of the developer portal."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import Scope
from apps.accounts.models import ApiKey
from apps.accounts.services.keys import DEFAULT_SCOPES, IP_ALLOW_MAX, NAME_MAX, OPEN_SCOPES, KeyInput
from apps.core.exceptions import FieldsInvalid

LAST_YEAR = 2099
_OTHER_NAMES = {"/expires_at": "last_day"}


class _FirstTakesFocus:
    """The link of the error summary leads to the first box, where Django's own leads nowhere."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return super().id_for_label(id_, "0" if index is None else index)  # type: ignore[misc,no-any-return]  # Django's widget beside it


class CheckboxSelectMultiple(_FirstTakesFocus, forms.CheckboxSelectMultiple):
    """Boxes of which any number is ticked."""


class RadioSelect(_FirstTakesFocus, forms.RadioSelect):
    """Round buttons of which one is chosen."""


class ServiceForm(forms.Form):
    """A form whose rules a service holds."""

    def add_refusals(self, refused: FieldsInvalid) -> None:
        """Put what the service refused beside its fields."""
        for pointer, _code, detail in refused.errors:
            name = _OTHER_NAMES.get(pointer, pointer.split("/")[1])
            self.add_error(name if name in self.fields else None, str(detail))


class KeyForm(ServiceForm):
    """A key's name, scopes, rate, end and addresses; a new one's environment, too."""

    name = forms.CharField(
        label=_("Nom"),
        help_text=_("Pour la reconnaître : le site, l’application ou le serveur qui l’emploie."),
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    livemode = forms.ChoiceField(
        label=_("Environnement"),
        choices=[
            ("live", _("Réel : les fiches publiées du catalogue")),
            ("test", _("Essai : vos fiches d’essai seulement, rien n’est public")),
        ],
        initial="live",
        widget=RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Portées"), help_text=_("Ne donnez que ce dont le programme a besoin."), widget=CheckboxSelectMultiple
    )
    rate_limit = forms.IntegerField(
        label=_("Appels par heure"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
    last_day = forms.DateField(
        label=_("Dernier jour de validité"),
        help_text=_("Laissez vide pour une clé sans date de fin."),
        required=False,
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    ip_allow = forms.CharField(
        label=_("Adresses IP permises"),
        help_text=_("Une adresse ou un réseau par ligne, par exemple 203.0.113.7 ou 203.0.113.0/24. Vide : toutes les adresses."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"class": "textarea mono", "rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, hourly_max: int, key: ApiKey | None = None) -> None:
        self.hourly_max = hourly_max
        super().__init__(data, initial=_initial(key) if key else {"scopes": list(DEFAULT_SCOPES)})
        kept = set(key.permissions) if key else set()
        self.fields["scopes"].choices = [(scope.value, scope.label) for scope in Scope if scope in OPEN_SCOPES or scope in kept]  # type: ignore[attr-defined]  # a choice field
        rate = self.fields["rate_limit"]
        rate.widget.attrs["max"] = max(hourly_max, key.rate_limit if key else 0)
        rate.help_text = _("De 1 à %(most)s. Vide : la limite de votre compte.") % {"most": hourly_max}
        if key is not None:
            del self.fields["livemode"]

    def clean_ip_allow(self) -> list[str]:
        """One entry per line, or between commas."""
        entries = [entry for entry in re.split(r"[\s,;]+", self.cleaned_data["ip_allow"]) if entry]
        return entries[: IP_ALLOW_MAX + 1]

    def clean_last_day(self) -> dt.date | None:
        """A day that the calendar reaches."""
        day: dt.date | None = self.cleaned_data["last_day"]
        if day is not None and day.year > LAST_YEAR:
            raise forms.ValidationError(_("Choisissez une date avant 2100, ou laissez vide."))
        return day

    def key_input(self) -> KeyInput:
        """What the new key is asked to be."""
        said = self.cleaned_data
        return KeyInput(
            name=said["name"], scopes=said["scopes"], rate_limit=said["rate_limit"],
            expires_at=_end_of(said["last_day"]), ip_allow=said["ip_allow"], livemode=said["livemode"] == "live",
        )  # fmt: skip

    def changes(self) -> dict[str, Any]:
        """The members that differ from the key's."""
        said = {name: self.cleaned_data[name] for name in self.changed_data}
        if "rate_limit" in said:
            said["rate_limit"] = said["rate_limit"] or self.hourly_max
        if "last_day" in said:
            said["expires_at"] = _end_of(said.pop("last_day"))
        return said


class RotateForm(ServiceForm):
    """How long the old key goes on beside the new one."""

    overlap = forms.TypedChoiceField(
        label=_("L’ancienne clé fonctionne encore"),
        help_text=_("Le temps de remplacer la clé partout où elle est employée."),
        coerce=int,
        choices=[
            (0, _("Plus du tout : elle a fuité")),
            (3600, _("1 heure")),
            (24 * 3600, _("24 heures")),
            (7 * 24 * 3600, _("7 jours")),
            (30 * 24 * 3600, _("30 jours")),
        ],
        initial=24 * 3600,
        widget=forms.Select(attrs={"class": "select"}),
    )

    def both_work(self) -> dt.timedelta:
        """How long both work."""
        return dt.timedelta(seconds=self.cleaned_data["overlap"])


def _initial(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": key.permissions,
        "rate_limit": key.rate_limit,
        "last_day": timezone.localdate(key.expires_at - dt.timedelta(microseconds=1)) if key.expires_at else None,
        "ip_allow": "\n".join(key.ip_allow),
    }


def _end_of(day: dt.date | None) -> dt.datetime | None:
    """The midnight that ends a day in Cameroon."""
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time()) + dt.timedelta(days=1))
