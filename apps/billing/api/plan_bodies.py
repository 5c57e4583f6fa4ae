"""Bodies of plans: what is wished for, never what it costs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.billing.choices import Period, Product
from apps.core.api.serializers import StrictSerializer


class WishSerializer(StrictSerializer):
    """A product for a period. Amounts are the price book's: a body that names one is refused."""

    product = serializers.ChoiceField(choices=Product.choices)
    period = serializers.ChoiceField(choices=Period.choices)
    resource_id = serializers.UUIDField(required=False, allow_null=True, help_text="The listing, for plans of listings only.")


class SubscribeSerializer(StrictSerializer):
    """A product for a period, or a quote of them, or both when they agree."""

    product = serializers.ChoiceField(choices=Product.choices, required=False)
    period = serializers.ChoiceField(choices=Period.choices, required=False)
    resource_id = serializers.UUIDField(required=False, allow_null=True, help_text="The listing, for plans of listings only.")
    quote_id = serializers.UUIDField(required=False, help_text="Charge exactly this quote; alone, it says the rest.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: neither a quote nor a product and a period."""
        missing = [name for name in ("product", "period") if name not in attrs]
        if missing and ("quote_id" not in attrs or len(missing) == 1):
            raise serializers.ValidationError({name: [serializers.ErrorDetail(_("Ce membre manque."), "required")] for name in missing})
        return attrs


class EmptySerializer(StrictSerializer):
    """Nothing: what is asked for stands in the path."""
