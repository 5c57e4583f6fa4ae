"""A payment as the port wants it."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from apps.billing.choices import Operator, ProviderCode
from apps.billing.models import Invoice, Payment
from apps.billing.providers.port import Charge

CALLBACK_PATH = "/api/v1/payments/webhooks/{provider}/{token}"
PAGE_PATH = "/{language}/compte/facturation/paiements/{payment}/"


def charge_of(payment: Payment, invoice: Invoice) -> Charge:
    """What the operator is asked for. A redirect rail brings the payer back to the payment's page, which proves nothing."""
    with translation.override(invoice.language):
        message = _("Abonnement %(site)s") % {"site": settings.SITE_NAME}
    page = settings.SITE_URL + PAGE_PATH.format(language=invoice.language, payment=payment.pk)
    return Charge(
        reference=payment.reference,
        order_id=payment.order_id,
        amount=payment.provider_amount,
        currency=payment.provider_currency,
        msisdn=payment.msisdn,
        operator=Operator(payment.operator),
        message=message,
        note=invoice.pro_forma_number,
        callback_url=callback_url(ProviderCode(payment.provider), payment.callback_token),
        return_url=page,
        cancel_url=page,
        language=invoice.language,
        token=payment.provider_token,
    )


def callback_url(provider: ProviderCode, token: str) -> str:
    """Where the operator may write to about one payment."""
    return settings.SITE_URL + CALLBACK_PATH.format(provider=provider.value, token=token)
