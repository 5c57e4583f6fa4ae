"""Bodies of billing. What is charged is never in them: it is the invoice's."""

from __future__ import annotations

from rest_framework import serializers

from apps.billing.choices import Operator
from apps.core.api.serializers import StrictSerializer


class MobileMoneySerializer(StrictSerializer):
    """A payment of an invoice from a phone. The amount is the invoice's: a body that names one is refused."""

    invoice_id = serializers.UUIDField()
    phone = serializers.CharField(max_length=40, help_text="The payer's number, with or without +237.")
    operator = serializers.ChoiceField(
        choices=Operator.choices, required=False, help_text="Whose wallet. Guessed from the number, which may have been ported."
    )
