"""The price book in the admin. A price is never edited: a new one is a new row, and who subscribed keeps his."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.billing.models import Price, ProductRight
from apps.billing.services.prices import set_price, set_right, withdraw_price
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid

if TYPE_CHECKING:
    PriceBase = admin.ModelAdmin[Price]
    RightBase = admin.ModelAdmin[ProductRight]
    PriceFormBase = forms.ModelForm[Price]
    RightFormBase = forms.ModelForm[ProductRight]
else:
    PriceBase = RightBase = admin.ModelAdmin
    PriceFormBase = RightFormBase = forms.ModelForm


class PriceForm(PriceFormBase):
    """A new price; whether it can be paid is the service's to say."""

    class Meta:
        model = Price
        fields = ("product", "tier", "period", "amount", "valid_from")

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: what the service says."""
        data = super().clean() or {}
        if not self.errors:
            try:
                self.instance = set_price(**data, at=now())
            except FieldsInvalid as error:
                raise ValidationError({pointer.strip("/"): str(detail) for pointer, _code, detail in error.errors}) from error
        return data


@admin.register(Price)
class PriceAdmin(PriceBase):
    """Every price that was ever asked; those in force are the newest of their kind."""

    form = PriceForm
    list_display = ("product", "tier", "period", "amount", "valid_from", "withdrawn_at")
    list_filter = ("product", "tier", "period", ("withdrawn_at", admin.EmptyFieldListFilter))
    ordering = ("product", "tier", "period", "-valid_from")
    actions = ("withdraw",)

    def has_change_permission(self, _request: HttpRequest, _obj: Price | None = None) -> bool:
        """A new price is a new row."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Price | None = None) -> bool:
        """Subscriptions and invoices name it."""
        return False

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        """The service wrote it already."""

    @admin.action(description=_("Ne plus proposer ces prix"), permissions=["add"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        """Offer them no more; who has them keeps them."""
        done = [withdraw_price(price=price, at=now()) for price in queryset]
        text = ngettext("%(n)s prix n’est plus proposé.", "%(n)s prix ne sont plus proposés.", len(done)) % {"n": len(done)}
        self.message_user(request, text, messages.SUCCESS)


class RightForm(RightFormBase):
    """What a product gives; whether such a right exists is the service's to say."""

    class Meta:
        model = ProductRight
        fields = ("product", "key", "value")

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: what the service says."""
        data = super().clean() or {}
        if not self.errors:
            given = {**{name: getattr(self.instance, name) for name in ("product", "key")}, **data}
            try:
                self.instance = set_right(**given)
            except FieldsInvalid as error:
                raise ValidationError([str(detail) for _pointer, _code, detail in error.errors]) from error
        return data


@admin.register(ProductRight)
class ProductRightAdmin(RightBase):
    """What each product gives, from the next payment or nightly check on."""

    form = RightForm
    list_display = ("product", "key", "value")
    list_filter = ("product",)
    ordering = ("product", "key")

    def get_readonly_fields(self, _request: HttpRequest, obj: ProductRight | None = None) -> tuple[str, ...]:
        """Only the value of a row changes."""
        return ("product", "key") if obj else ()

    def save_model(self, request: HttpRequest, obj: ProductRight, form: Any, change: bool) -> None:
        """The service wrote it already."""
