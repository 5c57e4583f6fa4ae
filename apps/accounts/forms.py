"""Shape of what people type about themselves."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
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

INVISIBLE = _("Ce texte contient des caractères invisibles.")
_EMAIL = _("Adresse e-mail")
_WORDS: dict[str, tuple[Any, Any]] = {
    "email": (_EMAIL, ""),
    "login": (_EMAIL, ""),
    "password": (_("Mot de passe"), ""),
    "oldpassword": (_("Mot de passe actuel"), ""),
    "password1": (_("Nouveau mot de passe"), _("Dix caractères au moins. Une phrase est facile à retenir et difficile à deviner.")),
    "password2": (_("Nouveau mot de passe, encore une fois"), ""),
    "remember": (_("Rester connecté sur cet appareil"), ""),
    "code": (_("Code à six chiffres"), _("Celui que votre application d’authentification montre maintenant.")),
}


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


class InOurWords:
    """allauth's form with our labels and hints: its own are short, and its placeholders repeat them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]  # a form beside it
        for name in fields.keys() & _WORDS.keys():
            label, hint = _WORDS[name]
            fields[name].label, fields[name].help_text = label, hint
            fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(InOurWords, account_forms.LoginForm):
    """Signing in with the password."""


class AddEmailForm(InOurWords, account_forms.AddEmailForm):
    """Another address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Nouvelle adresse e-mail")


class ChangePasswordForm(InOurWords, account_forms.ChangePasswordForm):
    """A new password, by who knows the old one."""


class SetPasswordForm(InOurWords, account_forms.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(InOurWords, account_forms.ResetPasswordForm):
    """Asking for the link."""


class ResetPasswordKeyForm(InOurWords, account_forms.ResetPasswordKeyForm):
    """A new password, by who has the link."""


class ReauthenticateForm(InOurWords, account_forms.ReauthenticateForm):
    """The password again, before something that matters."""


class AuthenticateForm(InOurWords, mfa_forms.AuthenticateForm):
    """The second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _("Les six chiffres de votre application, ou un de vos codes de secours.")


class ProveWithCodeForm(InOurWords, mfa_forms.ReauthenticateForm):
    """The second factor again, before something that matters."""


class ActivateTotpForm(InOurWords, totp_forms.ActivateTOTPForm):
    """The first code of a new application."""


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Nom de la clé d’accès")
        self.fields["name"].help_text = _("Pour la reconnaître : « mon téléphone », « clé USB du bureau ».")
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = _("Ouvrir mon compte avec elle seule")
            self.fields["passwordless"].help_text = _("Sans mot de passe : l’appareil demande votre empreinte, votre visage ou son code.")


class EditPasskeyForm(passkey_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Nom de la clé d’accès")


class RegistrationForm(InOurWords, account_forms.SignupForm):
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("Mot de passe")

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
