"""Who buys: what a customer wants on invoices."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import BuyerIdentity
from apps.core.exceptions import FieldsInvalid

_NIU = re.compile(r"[A-Z][0-9]{12}[A-Z]")
_SEPARATORS = re.compile(r"[\s.\-/]+")
_BOUNDS = {"name": 200, "address": 500, "niu": 20, "rccm": 60}


def is_niu_usual(niu: str) -> bool:
    """Whether it looks like others: a letter, 12 digits, a letter. No public text fixes it, so an odd one is only pointed out."""
    return _NIU.fullmatch(niu) is not None


@transaction.atomic
def set_identity(*, user: User, name: str, address: str = "", niu: str = "", rccm: str = "", at: dt.datetime) -> BuyerIdentity:
    """Keep what the next invoices bear; issued ones stay as they are.

    The NIU is written without spaces and in capitals, and kept whatever its form (`is_niu_usual` tells).

    :raises FieldsInvalid: the name is empty, or a field is too long.
    """
    values = {
        "name": " ".join(name.split()),
        "address": "\n".join(line.strip() for line in address.strip().splitlines() if line.strip()),
        "niu": _SEPARATORS.sub("", niu).upper(),
        "rccm": " ".join(rccm.split()),
    }
    errors: list[tuple[str, str, object]] = [
        (f"/{field}", "too_long", _("%(max)s caractères au plus.") % {"max": longest})
        for field, longest in _BOUNDS.items()
        if len(values[field]) > longest
    ]
    if not values["name"]:
        errors.append(("/name", "required", _("Écrivez le nom à porter sur les factures.")))
    if errors:
        raise FieldsInvalid(errors)  # type: ignore[arg-type]
    return BuyerIdentity.objects.update_or_create(user=user, defaults={**values, "updated_at": at})[0]


def printed(user: User) -> dict[str, str]:
    """What an invoice of this customer bears now: the identity given for invoices, else that of the account."""
    identity = BuyerIdentity.objects.filter(user=user).first()
    if identity is None:
        identity = BuyerIdentity(name=user.company_name or user.name)
    return {"name": identity.name, "address": identity.address, "niu": identity.niu, "rccm": identity.rccm, "email": user.email}
