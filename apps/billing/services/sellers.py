"""Who sells: our own identity on invoices."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from apps.billing.exceptions import SellerMissing
from apps.billing.models import Seller

_DEVELOPMENT_SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def seller_in_force(at: dt.datetime) -> Seller:
    """The identity that invoices of this moment bear.

    Where demonstrations are allowed an invented one is made when there is none; a real site cannot sell before staff
    entered its own.

    :raises SellerMissing: there is none.
    """
    found = Seller.objects.filter(valid_from__lte=at).order_by("-valid_from").first()
    if found is not None:
        return found
    if not settings.DEMO_ALLOWED:
        raise SellerMissing
    return load_development_seller()


def load_development_seller() -> Seller:
    """An openly invented identity, to try payments with."""
    return Seller.objects.get_or_create(
        valid_from=_DEVELOPMENT_SINCE,
        defaults={
            "name": f"{settings.SITE_NAME} SARL (exemple)",
            "address": "Rue de l’Exemple\nBP 0000\nYaoundé, Cameroun",
            "niu": "M000000000000X",
            "rccm": "RC/YAE/2026/B/0000 du 5 janvier 2026, Yaoundé",
            "email": settings.CONTACT_EMAIL,
            "bank": "Banque d’exemple, Yaoundé\nRIB 00000 00000 00000000000 00",
        },
    )[0]


def printed(seller: Seller) -> dict[str, object]:
    """What an invoice keeps of it."""
    return {
        "id": seller.pk,
        "name": seller.name,
        "address": seller.address,
        "niu": seller.niu,
        "rccm": seller.rccm,
        "email": seller.email,
        "phone": seller.phone,
        "bank": seller.bank,
        "is_vat_applied": seller.is_vat_applied,
    }
