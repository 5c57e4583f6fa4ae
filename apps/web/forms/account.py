"""Forms of the account pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import UserType
from apps.accounts.forms import LineField, PhoneField
from apps.accounts.models import User


class SavedSearchForm(forms.Form):
    """The name of a search that somebody keeps."""

    name = LineField(label=_("Nom"), max_length=80, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}))


class ProfileForm(forms.Form):
    """Name, language and nature of an account."""

    name = LineField(label=_("Votre nom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    user_type = forms.ChoiceField(
        label=_("Vous êtes"), choices=[(kind, kind.label) for kind in (UserType.INDIVIDUAL, UserType.BUSINESS)], widget=forms.RadioSelect,
        help_text=_("Une entreprise a un plus grand quota. Vos clés et vos fiches restent les mêmes."),
    )  # fmt: skip
    company_name = LineField(
        label=_("Raison sociale"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    language = forms.ChoiceField(
        label=_("Langue de nos messages"), choices=settings.LANGUAGES, widget=forms.Select(attrs={"class": "select"})
    )

    @classmethod
    def of(cls, user: User, data: object = None) -> ProfileForm:
        """The form with what the account holds."""
        form = cls(data, initial={name: getattr(user, name) for name in cls.base_fields})  # type: ignore[arg-type]  # a QueryDict or None
        if user.user_type == UserType.ADMIN:
            # Staff neither becomes a customer nor the reverse.
            del form.fields["user_type"]
        return form

    def clean(self) -> dict[str, object]:
        """A company has a name."""
        data: dict[str, object] = super().clean() or {}
        if data.get("user_type") == UserType.BUSINESS and "company_name" in data and not data["company_name"]:
            self.add_error("company_name", forms.ValidationError(_("Indiquez la raison sociale de l’entreprise."), code="required"))
        return data


class PhoneForm(forms.Form):
    """A number to confirm."""

    phone = PhoneField(
        label=_("Numéro de téléphone"), max_length=30, help_text=_("Exemple : 6 70 00 00 00. Nous y envoyons un code par SMS.")
    )


class CodeForm(forms.Form):
    """A code that was texted."""

    code = forms.CharField(
        label=_("Code reçu par SMS"), max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}),
    )  # fmt: skip


class DeletionForm(forms.Form):
    """The wish to end an account, with its password."""

    password = forms.CharField(
        label=_("Votre mot de passe"), max_length=1000, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
