"""Forms of paying."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.forms import LineField
from apps.billing.choices import Operator, Period, Product
from apps.billing.providers.numbering import guess_operator
from apps.core.phones import InvalidPhone, parse_phone


class ChooseForm(forms.Form):
    """A product, how long one payment lasts, and for which listing."""

    product = forms.ChoiceField(label=_("Forfait"), choices=Product, widget=forms.RadioSelect)
    period = forms.ChoiceField(
        label=_("Durée d’un paiement"), choices=[(one.value, one.label.capitalize()) for one in Period], widget=forms.RadioSelect,
        help_text=_("Plus elle est longue, moins le mois coûte."),
    )  # fmt: skip
    listing = forms.TypedChoiceField(label=_("Fiche"), coerce=uuid.UUID, widget=forms.Select(attrs={"class": "select"}))

    def __init__(
        self,
        *args: Any,
        products: list[tuple[str, str]],
        periods: list[tuple[str, str]],
        listings: list[tuple[str, str]] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products  # type: ignore[attr-defined]  # a choice field
        self.fields["period"].choices = periods  # type: ignore[attr-defined]  # a choice field
        if listings is None:
            del self.fields["listing"]
        else:
            self.fields["listing"].choices = listings  # type: ignore[attr-defined]  # a choice field


class PayForm(forms.Form):
    """Who pays: a number as people write it, read by the operator's rules, and whose wallet it is."""

    phone = forms.CharField(
        label=_("Numéro Mobile Money"), max_length=30, help_text=_("Exemple : 6 70 00 00 00"),
        widget=forms.TextInput(attrs={"class": "input", "type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    # Left out, it is the number's: whoever pays at once, or without a script, need not choose.
    operator = forms.ChoiceField(label=_("Opérateur"), choices=Operator, widget=forms.RadioSelect, required=False)
    # New with each form that is shown; what it came to is answered again to whoever sends it twice.
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)
    despite_unknown = forms.BooleanField(
        label=_("Je paie de nouveau, même si le premier paiement peut encore aboutir."), required=False,
        help_text=_("Si les deux aboutissent, le second devient un avoir."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The operators follow the number while it is typed.
        self.fields["phone"].widget.attrs |= {
            "hx-get": reverse("web:billing_operators"), "hx-trigger": "input changed delay:400ms", "hx-target": "#operateurs",
            "hx-swap": "outerHTML", "hx-include": "closest form",
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The operator of the number where none was chosen."""
        given: dict[str, Any] = self.cleaned_data
        if not given.get("operator") and "operator" not in self.errors:
            given["operator"] = operator_of(given.get("phone", ""))
            if not given["operator"]:
                self.add_error("operator", forms.ValidationError(_("Choisissez votre opérateur."), code="required"))
        return given


def operator_of(text: str) -> Operator | None:
    """Whose number it most probably is, as people write it; None when it says nothing."""
    try:
        return guess_operator(parse_phone(text))
    except InvalidPhone:
        return None


class IdentityForm(forms.Form):
    """Who is named on invoices."""

    name = LineField(label=_("Nom ou raison sociale"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    address = forms.CharField(
        label=_("Adresse"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3, "autocomplete": "street-address"}),
    )
    niu = LineField(
        label=_("NIU"), max_length=20, required=False, help_text=_("Numéro d’identifiant unique : une lettre, 12 chiffres, une lettre.")
    )
    rccm = LineField(label=_("RCCM"), max_length=60, required=False)


class TransferForm(forms.Form):
    """The proof of a bank transfer."""

    bank_reference = LineField(label=_("Référence du virement"), max_length=100)
    amount = forms.IntegerField(
        label=_("Montant viré (F CFA)"), min_value=1, max_value=100_000_000, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    file = forms.FileField(
        label=_("Justificatif"),
        help_text=_("PDF, JPG ou PNG, 5 Mo au plus."),
        widget=forms.FileInput(attrs={"class": "input", "accept": ".pdf,.jpg,.jpeg,.png"}),
    )
