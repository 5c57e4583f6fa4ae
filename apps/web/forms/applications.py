"""Forms of applications in the developer portal."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.models import Application
from apps.accounts.services.applications import DEFAULT_SCOPES, DESCRIPTION_MAX, NAME_MAX, OPEN_SCOPES, WEBSITE_MAX, ApplicationInput
from apps.web.forms.developers import CheckboxSelectMultiple, ServiceForm

_SCOPES = [(value, label) for value, label in [*OpenIdScope.choices, *Scope.choices] if value in OPEN_SCOPES]


class ApplicationForm(ServiceForm):
    """What an application is; whether it can keep a secret is said once, when it is new."""

    name = forms.CharField(
        label=_("Nom"), help_text=_("Montré aux personnes à qui l’application demande l’accès."), max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Ce qu’elle fait"),
        required=False,
        max_length=DESCRIPTION_MAX,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
    )
    website = forms.CharField(
        label=_("Site web"), required=False, max_length=WEBSITE_MAX, widget=forms.TextInput(attrs={"class": "input", "type": "url"})
    )
    redirect_uris = forms.CharField(
        label=_("Adresses de retour"), required=False, max_length=4000,
        help_text=_("Une par ligne, comparées lettre à lettre : https://, ou http://localhost pour vos essais."),
        widget=forms.Textarea(attrs={"class": "textarea mono", "rows": 3, "spellcheck": "false"}),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("Portées"), help_text=_("Ne demandez que ce dont l’application a besoin."), choices=_SCOPES, widget=CheckboxSelectMultiple
    )
    machine_access = forms.BooleanField(
        label=_("Agit aussi pour elle-même, de serveur à serveur"), required=False,
        help_text=_("Sans personne devant l’écran (client credentials) ; ses appels comptent sur votre quota."),
    )  # fmt: skip
    is_public = forms.BooleanField(
        label=_("Ne peut pas garder de secret"), required=False, help_text=_("Une application de téléphone ou de navigateur.")
    )

    def __init__(self, data: Any = None, *, application: Application | None = None) -> None:
        super().__init__(data, initial=_initial(application) if application else {"scopes": list(DEFAULT_SCOPES)})
        if application is not None:
            del self.fields["is_public"]

    def clean_redirect_uris(self) -> list[str]:
        """One per line."""
        return [uri for uri in re.split(r"\s+", self.cleaned_data["redirect_uris"]) if uri]

    def application_input(self) -> ApplicationInput:
        """What the new application is asked to be."""
        return ApplicationInput(**self.cleaned_data)


def _initial(application: Application) -> dict[str, Any]:
    client = application.client
    return {
        "name": client.name, "description": application.description, "website": application.website,
        "redirect_uris": "\n".join(client.get_redirect_uris()), "scopes": client.get_scopes(),
        "machine_access": "client_credentials" in client.get_grant_types(),
    }  # fmt: skip
