"""What the staff that looks after payments is told, and what it tells customers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation

from apps.billing.choices import Claim, ProviderCode
from apps.billing.models import Case, TransferProof
from apps.notifications.services import notifying, sending
from apps.notifications.telling import staff_address, staff_with


def tell_operator_alarm(*, provider: str, what: str, detail: str, since: str, at: dt.datetime) -> None:
    """Write to everybody who may act on payments, and to the contact address: once for what began at `since`, or once an hour."""
    label = dict(ProviderCode.choices).get(provider, provider)
    _tell(
        "operator_alarm",
        lambda: {"operator": str(label), "what": what, "detail": detail, "url": staff_address("admin:billing_providerstate_changelist")},
        dedup_key=f"operator:{provider}:{what}:{since or f'{at:%Y%m%dT%H}'}", at=at,
    )  # fmt: skip


def tell_case(*, case_id: uuid.UUID, at: dt.datetime) -> None:
    """Write that a difference waits: one message a kind and hour, however many there are."""
    case = Case.objects.filter(pk=case_id, settled_at=None).first()
    if case is None:
        return
    _tell(
        "billing_case",
        lambda: {"kind": str(case.get_kind_display()), "url": staff_address("admin:billing_case_change", case.pk)},
        dedup_key=f"case:{case.kind}:{at:%Y%m%dT%H}", at=at,
    )  # fmt: skip


def tell_ledger_differs(*, proofs: list[str], found_at: str, at: dt.datetime) -> None:
    """Write that the books do not say what payments and invoices say, and which claims do not hold.

    :param proofs: values of `Claim`; one that an earlier release called otherwise stands as it is.
    """
    words = dict(Claim.choices)
    _tell(
        "ledger_differs",
        lambda: {
            "proofs": "; ".join(str(words.get(name, name)) for name in proofs),
            "url": staff_address("admin:billing_ledgertransaction_changelist"),
        },
        dedup_key=f"ledger:{found_at}", at=at,
    )  # fmt: skip


def tell_transfer_refused(*, proof_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to whoever sent a proof why it pays nothing."""
    proof = TransferProof.objects.select_related("sent_by", "invoice").get(pk=proof_id)
    context = {
        "reference": proof.bank_reference, "invoice": str(proof.invoice), "reason": proof.refusal, "contact": settings.CONTACT_EMAIL,
    }  # fmt: skip
    notifying.notify("transfer_refused", user=proof.sent_by, context=context, dedup_key=f"transfer:{proof_id}", at=at)


def _tell(name: str, context: Callable[[], dict[str, Any]], *, dedup_key: str, at: dt.datetime) -> None:
    """Each in his own language; the contact address in French."""
    for user in staff_with("billing.act_on_payment"):
        with translation.override(user.language):
            notifying.notify(name, user=user, context=context(), dedup_key=dedup_key, at=at)
    with translation.override("fr"):
        sending.send_message(name, to=settings.CONTACT_EMAIL, language="fr", context=context(), dedup_key=dedup_key, at=at)
