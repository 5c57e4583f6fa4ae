"""Forms of the console of webhooks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.notifications.models import WebhookEndpoint
from apps.notifications.services.webhooks.endpoints import DESCRIPTION_MAX, URL_MAX
from apps.notifications.services.webhooks.recording import KEPT_FOR
from apps.notifications.webhook_types import CHOOSABLE
from apps.web.forms.developers import CheckboxSelectMultiple, RadioSelect, ServiceForm


class EndpointForm(ServiceForm):
    """An address, what it is told of, and how; a new one's environment, too."""

    url = forms.CharField(
        label=_("Adresse"),
        help_text=_("En https, sur l’internet ouvert, par exemple https://exemple.cm/webhooks."),
        max_length=URL_MAX,
        widget=forms.TextInput(attrs={"class": "input mono", "type": "url", "autocomplete": "off", "inputmode": "url"}),
    )
    description = forms.CharField(
        label=_("Description"),
        help_text=_("Pour la reconnaître : ce qui reçoit."),
        required=False,
        max_length=DESCRIPTION_MAX,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    livemode = forms.ChoiceField(
        label=_("Environnement"),
        choices=[("live", _("Réel : ce qui arrive vraiment")), ("test", _("Essai : ce que font vos clés et paiements d’essai"))],
        initial="live",
        widget=RadioSelect,
    )
    event_types = forms.MultipleChoiceField(
        label=_("Événements"), help_text=_("Ne choisissez que ceux que votre programme traite."), widget=CheckboxSelectMultiple
    )
    include_object = forms.BooleanField(
        label=_("Joindre l’objet"),
        help_text=_("Sans cela, un message ne porte que des identifiants, et votre programme relit l’objet par l’API."),
        required=False,
    )

    def __init__(self, data: Any = None, *, endpoint: WebhookEndpoint | None = None) -> None:
        initial = {}
        if endpoint is not None:
            initial = {name: getattr(endpoint, name) for name in ("url", "description", "event_types", "include_object")}
        super().__init__(data, initial=initial)
        self.fields["event_types"].choices = [(one.name, f"{one.name} – {one.label}") for one in CHOOSABLE.values()]  # type: ignore[attr-defined]  # a choice field
        if endpoint is not None:
            del self.fields["livemode"]


class SecretForm(ServiceForm):
    """How long the old secret goes on beside the new one."""

    overlap = forms.TypedChoiceField(
        label=_("L’ancien secret signe encore"),
        help_text=_("Pendant ce temps, chaque message porte deux signatures : l’une ou l’autre suffit."),
        coerce=int,
        choices=[
            (0, _("Plus du tout : il a fuité")),
            (3600, _("1 heure")),
            (24 * 3600, _("24 heures")),
            (7 * 24 * 3600, _("7 jours")),
        ],
        initial=24 * 3600,
        widget=forms.Select(attrs={"class": "select"}),
    )

    def both_sign(self) -> dt.timedelta:
        """How long both sign."""
        return dt.timedelta(seconds=self.cleaned_data["overlap"])


class RangeForm(ServiceForm):
    """What happened between two moments."""

    _MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d/%m/%Y %H:%M", "%d/%m/%Y")
    since = forms.DateTimeField(
        label=_("Depuis"),
        input_formats=_MOMENTS,
        widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    until = forms.DateTimeField(
        label=_("Jusqu’à"),
        help_text=_("Heure du Cameroun. Les messages sont gardés 30 jours."),
        input_formats=_MOMENTS,
        widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    is_everything = forms.BooleanField(
        label=_("Renvoyer aussi ceux qui sont arrivés"),
        help_text=_("Chacun garde son identifiant : un programme qui s’en souvient ne les traite pas deux fois."),
        required=False,
    )

    def __init__(self, data: Any = None, *, at: dt.datetime) -> None:
        here = timezone.localtime(at)
        super().__init__(data, initial={"since": here - dt.timedelta(days=1), "until": here + dt.timedelta(minutes=1)})
        self._at = at

    def clean_since(self) -> dt.datetime:
        """Not before anything is kept; a year 1 would leave the calendar in another zone."""
        since: dt.datetime = self.cleaned_data["since"]
        return max(since, self._at - KEPT_FOR - dt.timedelta(days=1)) if since.year > 1 else self._at - KEPT_FOR

    def clean_until(self) -> dt.datetime:
        """Nothing has happened later than now."""
        until: dt.datetime = self.cleaned_data["until"]
        return min(until, self._at + dt.timedelta(minutes=2)) if until.year < 9999 else self._at
