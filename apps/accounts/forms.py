"""Shape of what people type about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import SignupForm
from allauth.account.internal.flows.signup import prevent_enumeration
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import UserType
from apps.accounts.models import User
from apps.accounts.origins import origin_of
from apps.accounts.services.registration import NewAccount, make_account
from apps.core.clock import now
from apps.core.phones import InvalidPhone, parse_phone

if TYPE_CHECKING:
    Base = forms.Form
else:
    Base = SignupForm

INVISIBLE = _("Ce texte contient des caractères invisibles.")


class LineField(forms.CharField):
    """One line of text: runs of spaces become one, invisible characters are refused."""

    def clean(self, value: Any) -> str:
        """The line. :raises ValidationError: empty though required, too long, or with invisible characters."""
        line = " ".join(str(super().clean(value)).split())
        if not line.isprintable():
            raise forms.ValidationError(INVISIBLE, code="invalid")
        return line


class PhoneField(forms.CharField):
    """A phone number, as people write it; cleaned to E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        """The number. :raises ValidationError: not one that can be called."""
        text = str(super().clean(value))
        try:
            return parse_phone(text) if text else ""
        except InvalidPhone as error:
            raise forms.ValidationError(error.detail, code="phone_invalid") from error


class RegistrationForm(Base):
    """Opening an account, on the site and over the API."""

    user_type = forms.ChoiceField(
        label=_("Vous êtes"), choices=[(kind, kind.label) for kind in (UserType.INDIVIDUAL, UserType.BUSINESS)],
        initial=UserType.INDIVIDUAL, widget=forms.RadioSelect,
    )  # fmt: skip
    name = LineField(label=_("Votre nom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    company_name = LineField(
        label=_("Raison sociale"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    phone = PhoneField(label=_("Téléphone"), max_length=30, required=False)
    field_order = ("user_type", "name", "company_name", "email", "phone", "password1")

    def clean(self) -> dict[str, Any]:
        """A company has a name."""
        data = super().clean() or {}
        if data.get("user_type") == UserType.BUSINESS and "company_name" in data and not data["company_name"]:
            self.add_error("company_name", forms.ValidationError(_("Indiquez la raison sociale de l’entreprise."), code="required"))
        return data

    def account(self, language: str) -> NewAccount:
        """What was typed."""
        data = self.cleaned_data
        return NewAccount(
            email=data["email"], password=data["password1"], name=data["name"], user_type=UserType(data["user_type"]),
            company_name=data["company_name"], phone=data["phone"], language=language,
        )  # fmt: skip

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth's: the user, or the answer that a known address gets, which looks the same."""
        user = None
        if not self.cleaned_data["website"]:  # nobody sees this field: who fills it is a program
            user = make_account(account=self.account(get_language() or "fr"), origin=origin_of(request), at=now())
        return (user, None) if user else (None, prevent_enumeration(request, email=self.cleaned_data["email"]))
