"""What is sent to callback addresses: stored raw, never believed, and a reason to ask the operator soon.

Nobody proves who he is there, so nothing of a status or an amount is read: only who may be meant (design page "Mobile
Money", 7.5). The bounds are those of contracts, section 7.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Q
from prometheus_client import Counter

from apps.billing import events
from apps.billing.choices import PaymentState, ProviderCode
from apps.billing.constants import CALLBACK_BODY_MAX, CALLBACKS_A_MINUTE
from apps.billing.models import CallbackReceipt, Payment, ProviderState
from apps.billing.providers.port import Callback, Hint, Provider
from apps.billing.services.payments import hasten
from apps.billing.services.payments.schedule import HASTEN_GAP, HASTEN_GAP_SUCCEEDED, scaled
from apps.core.events import publish

CALLBACKS = Counter("billing_callbacks", "Bodies that came to the callback addresses, and what became of them.", ["outcome"])

# Kept beside the body: what says who speaks, and signatures. Authorisations and cookies are somebody's secrets.
HEADERS_KEPT = frozenset({
    "content-type", "content-length", "content-encoding", "user-agent", "date", "content-digest", "signature", "signature-date",
    "signature-input", "x-notch-signature",
})  # fmt: skip
HEADER_MAX = 1000
MINUTE = dt.timedelta(minutes=1)
# Somebody who invents tokens gets no more room than ten payments have.
UNKNOWN_A_MINUTE = 10 * CALLBACKS_A_MINUTE
# How exactly the time of an operator's last callback is kept.
NOTED_EVERY = dt.timedelta(seconds=10)
KEPT_FOR, UNKNOWN_KEPT_FOR = dt.timedelta(days=400), dt.timedelta(days=30)
_PRUNE_BATCH = 1000

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Outcome(enum.StrEnum):
    """What became of a body; the sender is told nothing of it."""

    STORED = "stored"
    REPEATED = "repeated"
    TOO_MANY = "too_many"
    MALFORMED = "malformed"


@transaction.atomic
def receive(*, token: str, provider: str, callback: Callback, providers: Iterable[Provider], at: dt.datetime) -> Outcome:
    """Store what came, within bounds, and have the payment that is meant looked at.

    :param token: of the address, empty on the bare one. :param provider: of the address; only a name.
    :param providers: who is asked, on the bare address, whether it is theirs; none of them is called.
    """
    if token and not _TOKEN.fullmatch(token):
        return _counted(Outcome.MALFORMED)
    code, payment = _meant(token, provider, callback, providers)
    outcome, receipt_id = _store(token=token, code=code, payment=payment, callback=callback, at=at)
    if payment is not None:
        _note_sign_of_life(payment.provider, at)
        ask_soon(payment, callback_id=receipt_id, at=at)
    return _counted(outcome)


def ask_soon(payment: Payment, *, callback_id: int | None, at: dt.datetime) -> bool:
    """Have the operator asked about a payment, unless it is about to be; in the caller's transaction."""
    if not _wants_query(payment, at=at) or not hasten(payment_id=payment.pk, at=at):
        return False
    publish(events.callback_received, key=payment.pk, payment_id=str(payment.pk), callback_id=callback_id)
    return True


def _wants_query(payment: Payment, *, at: dt.datetime) -> bool:
    """Whether a hint changes anything: not when the next query is as near as one may be, nor a second time a day after a success."""
    last = payment.last_query_at
    if payment.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
        is_asked_since = last is not None and payment.finished_at is not None and last > payment.finished_at
        return not is_asked_since or (last is not None and last <= at - scaled(HASTEN_GAP_SUCCEEDED))
    soonest = at if last is None else max(at, last + scaled(HASTEN_GAP))
    return payment.next_query_at is None or payment.next_query_at > soonest


@transaction.atomic
def prune(*, at: dt.datetime) -> int:
    """Forget bodies after `KEPT_FOR`, those that meant nobody sooner. Returns how many."""
    done = 0
    for old in (Q(received_at__lt=at - KEPT_FOR), Q(received_at__lt=at - UNKNOWN_KEPT_FOR, payment__isnull=True)):
        while ids := list(CallbackReceipt.objects.filter(old).values_list("pk", flat=True)[:_PRUNE_BATCH]):
            done += CallbackReceipt.objects.filter(pk__in=ids).delete()[0]
    return done


def _counted(outcome: Outcome) -> Outcome:
    CALLBACKS.labels(outcome.value).inc()
    return outcome


def _meant(token: str, provider: str, callback: Callback, providers: Iterable[Provider]) -> tuple[str, Payment | None]:
    """Whose callback this is, and the payment. The token of the address says it alone; else the identifiers of the body."""
    if token:
        payment = Payment.objects.filter(callback_token=token).first()
        if payment is not None:
            return payment.provider, payment
        return (provider if provider in ProviderCode.values else ""), None
    for candidate in providers:
        if candidate.recognises(callback):
            return candidate.code, _hinted(candidate.code, candidate.hint(callback))
    return "", None


def _hinted(code: ProviderCode, hint: Hint) -> Payment | None:
    """The payment of this operator with one of these identifiers, the most telling first."""
    mine = Payment.objects.filter(provider=code)
    looks: list[Q] = []
    if hint.reference:
        try:
            looks.append(Q(reference=uuid.UUID(hint.reference)))
        except ValueError:
            looks.append(Q(order_id=hint.reference[:20]))
    if hint.order_id:
        looks.append(Q(order_id=hint.order_id))
    if hint.token:
        looks.append(Q(provider_token=hint.token))
    if hint.notif_token:
        looks.append(Q(notif_token_hash=hashlib.sha256(hint.notif_token.encode()).hexdigest()))
    for look in looks:
        payment = mine.filter(look).first()
        if payment is not None:
            return payment
    return None


def _store(*, token: str, code: str, payment: Payment | None, callback: Callback, at: dt.datetime) -> tuple[Outcome, int | None]:
    """One row a body and address, and so many a minute. Callers of one address take turns, so that the bound is exact."""
    bucket = token or (str(payment.pk) if payment is not None else "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7071))", [f"callback:{bucket}"])
    digest = hashlib.sha256(callback.body).hexdigest()
    known = CallbackReceipt.objects.filter(token=token, digest=digest).values_list("pk", flat=True).first()
    if known is not None:
        return Outcome.REPEATED, known
    recent = CallbackReceipt.objects.filter(received_at__gt=at - MINUTE)
    mine = recent.filter(token=token) if token or payment is None else recent.filter(token="", payment=payment)
    if mine.count() >= CALLBACKS_A_MINUTE or (payment is None and recent.filter(payment=None).count() >= UNKNOWN_A_MINUTE):
        return Outcome.TOO_MANY, None
    receipt = CallbackReceipt.objects.create(
        token=token, provider=code, payment=payment, method=callback.method[:6], headers=_kept(callback.headers),
        body=callback.body[:CALLBACK_BODY_MAX], digest=digest, received_at=at,
    )  # fmt: skip
    return Outcome.STORED, receipt.pk


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value.replace("\x00", "")[:HEADER_MAX] for name, value in headers.items() if name.lower() in HEADERS_KEPT}


def _note_sign_of_life(provider: str, at: dt.datetime) -> None:
    """When the operator last wrote, to ten seconds: not a row that every callback waits for."""
    stale = Q(last_callback_at__isnull=True) | Q(last_callback_at__lt=at - NOTED_EVERY)
    row = ProviderState.objects.filter(provider=provider).first()
    if row is None:
        ProviderState.objects.bulk_create([ProviderState(provider=provider, last_callback_at=at)], ignore_conflicts=True)
    elif row.last_callback_at is None or row.last_callback_at < at - NOTED_EVERY:
        ProviderState.objects.filter(stale, provider=provider).update(last_callback_at=at)
