"""What time does to subscriptions: pro formas ahead, reminders, grace, the end. Run by the beat; each step is harmless when repeated."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.billing import events as billing_events
from apps.billing.choices import ChangeKind, ChangeState, InvoiceState, Period, Purpose, SubscriptionState
from apps.billing.constants import GRACE, LIVE_PAYMENT_STATES, LIVE_SUBSCRIPTION_STATES, PENDING_SUBSCRIPTION_KEPT, REMINDERS, RENEWAL_AHEAD
from apps.billing.models import Grant, Invoice, Payment, Quote, Reminder, Subscription, SubscriptionChange
from apps.billing.periods import reminder_time
from apps.billing.selectors.subscriptions import is_being_paid, leaving_reason, waiting_change
from apps.billing.services import grants, invoices
from apps.billing.services.bills import draft_for
from apps.billing.services.quotes import Wish, price_up
from apps.billing.services.rights import apply_rights
from apps.billing.services.subscriptions import drop_changes, end_now, end_with_period
from apps.billing.services.targets import lock_subscription, touch
from apps.catalog.choices import OperatingStatus, Status
from apps.core import events

logger = structlog.get_logger(__name__)

BATCH = 200
QUOTES_KEPT = dt.timedelta(days=1)
_DAY = dt.timedelta(days=1)


def run(*, at: dt.datetime) -> Counter[str]:
    """Do for every subscription what is due; returns how often each thing was done. Safe beside itself, and after a crash.

    Each subscription is a transaction. One that fails is logged and tried again by the next run: it keeps no other from its turn.
    """
    done: Counter[str] = Counter()
    for subscription_id in _due(at):
        try:
            done.update(advance(subscription_id=subscription_id, at=at))
        except Exception:  # one that we cannot handle must not keep the others from their turn; the next run tries it again
            logger.exception("renewal_failed", subscription_id=str(subscription_id))
            done["failed"] += 1
    done.update(sweep(at=at))
    return +done


@transaction.atomic
def advance(*, subscription_id: uuid.UUID, at: dt.datetime) -> Counter[str]:
    """Do for one subscription everything that is due by now."""
    done: Counter[str] = Counter()
    subscription, waiting = lock_subscription(Subscription.objects.get(pk=subscription_id))
    if subscription.state == SubscriptionState.PENDING:
        _end_unpaid(subscription, waiting, done, at=at)
        return done
    if subscription.state not in LIVE_SUBSCRIPTION_STATES:
        return done
    waiting = _drop_old_upgrade(subscription, waiting, done, at=at)
    reason = leaving_reason(subscription.resource)
    if reason and not subscription.cancel_at_period_end:
        end_with_period(subscription, at=at, reason=reason)
        done["cancelled"] += 1
    _begin_paid_period(subscription, done, at=at)
    if subscription.period_end is None or subscription.state not in LIVE_SUBSCRIPTION_STATES:
        return done
    if subscription.state == SubscriptionState.ACTIVE and subscription.period_end <= at:
        waiting = _end_period(subscription, waiting, done, at=at)
    if subscription.state == SubscriptionState.PAST_DUE and subscription.period_end + GRACE[Period(subscription.period)] <= at:
        _end(subscription, waiting, done, at=at)
    if subscription.state in LIVE_SUBSCRIPTION_STATES and not subscription.cancel_at_period_end:
        waiting = _draft_renewal(subscription, waiting, done, at=at)
        _remind(subscription, waiting, done, at=at)
    return done


def sweep(*, at: dt.datetime) -> Counter[str]:
    """Forget quotes that nobody used, and withdraw pro formas whose subscription is over; lapsing is `invoices.lapse`."""
    done: Counter[str] = Counter()
    old = Quote.objects.filter(used_at=None, expires_at__lt=at - QUOTES_KEPT).values("pk")[:BATCH]
    done["quotes"] = Quote.objects.filter(pk__in=old).delete()[0]
    running = Payment.objects.filter(invoice=OuterRef("pk"), state__in=LIVE_PAYMENT_STATES)
    orphans = Invoice.objects.filter(~Exists(running), state=InvoiceState.OPEN).exclude(subscription__state__in=LIVE_SUBSCRIPTION_STATES)
    for invoice_id in list(orphans.values_list("pk", flat=True)[:BATCH]):
        invoices.void(invoice_id=invoice_id, at=at)
        done["voided"] += 1
    return +done


def _due(at: dt.datetime) -> Iterator[uuid.UUID]:
    """Subscriptions that `advance` has something to do for, each once, found by the index of what ends."""
    seen: set[uuid.UUID] = set()
    for rows in _due_rows(at):
        after = uuid.UUID(int=0)
        while ids := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            yield from (pk for pk in ids if pk not in seen)
            seen.update(ids)
            after = ids[-1]


def _due_rows(at: dt.datetime) -> Iterator[QuerySet[Subscription]]:
    pending = Subscription.objects.filter(state=SubscriptionState.PENDING)
    yield pending.filter(created_at__lte=at - PENDING_SUBSCRIPTION_KEPT)
    active = Subscription.objects.filter(state=SubscriptionState.ACTIVE)
    late = Subscription.objects.filter(state=SubscriptionState.PAST_DUE)
    yield active.filter(period_end__lte=at)
    begun = Grant.objects.filter(
        subscription=OuterRef("pk"), closed_at=None, period_start__lte=at, period_start__gt=OuterRef("period_start")
    )
    yield active.filter(Exists(begun))
    no_bill = ~Exists(Invoice.objects.filter(subscription=OuterRef("pk"), state=InvoiceState.OPEN))
    staying = active.filter(cancel_at_period_end=False)
    yield late.filter(no_bill)
    for period, ahead in RENEWAL_AHEAD.items():
        yield staying.filter(no_bill, period=period, period_end__lte=at + ahead)
    for period, days in REMINDERS.items():
        for before in days:
            # The exact hour is that of the day in Douala: looked at from a day earlier on.
            sent = Reminder.objects.filter(subscription=OuterRef("pk"), period_end=OuterRef("period_end"), days_before=before)
            yield staying.filter(~Exists(sent), period=period, period_end__gt=at, period_end__lte=at + (before + 1) * _DAY)
    for period, grace in GRACE.items():
        yield late.filter(period=period, period_end__lte=at - grace)
    old = SubscriptionChange.objects.filter(
        subscription=OuterRef("pk"), state=ChangeState.WAITING, kind=ChangeKind.UPGRADE, created_at__lte=at - PENDING_SUBSCRIPTION_KEPT
    )
    yield active.filter(Exists(old))
    gone = (
        Q(resource__deleted_at__isnull=False)
        | Q(resource__status=Status.ARCHIVED)
        | Q(resource__operating_status=OperatingStatus.PERMANENTLY_CLOSED)
    )
    yield staying.filter(gone)


def _end_unpaid(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> None:
    since = max(subscription.created_at, waiting.created_at if waiting else subscription.created_at)
    if since + PENDING_SUBSCRIPTION_KEPT > at or (waiting is not None and is_being_paid(waiting)):
        return
    if waiting is not None:
        invoices.void(invoice_id=waiting.pk, at=at)
    end_now(subscription, state=SubscriptionState.EXPIRED, reason="unpaid", at=at)
    done["unpaid"] += 1


def _drop_old_upgrade(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> Invoice | None:
    """What an upgrade costs was reckoned at its hour: one that nobody pays for a day is asked for anew."""
    if waiting is None or waiting.purpose != Purpose.CHANGE or waiting.created_at + PENDING_SUBSCRIPTION_KEPT > at:
        return waiting
    if is_being_paid(waiting):
        return waiting
    invoices.void(invoice_id=waiting.pk, at=at)
    drop_changes(subscription, at=at)
    done["upgrades_dropped"] += 1
    return None


def _begin_paid_period(subscription: Subscription, done: Counter[str], *, at: dt.datetime) -> None:
    """A period that was paid ahead begins, perhaps at another price."""
    current = subscription.grants.filter(closed_at=None, period_start__lte=at, period_end__gt=at).select_related("price").last()
    if current is None or subscription.period_start is None or current.period_start <= subscription.period_start:
        return
    subscription.period_start = current.period_start
    if current.price_id != subscription.price_id:
        grants.take_price(subscription, current.price, start=current.period_start, is_fresh=False)
        grants.settle_changes(subscription, current.price, at=at)
        grants.tell_changed(subscription, why="changed", at=at)
        done["changed"] += 1
    touch(subscription, "period_start", "price", "product", "period", "anchor_day", at=at)
    apply_rights(subscription, at=at)


def _end_period(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> Invoice | None:
    """The paid period is over: who left is gone; a cheaper plan comes; the rest has its grace."""
    if subscription.cancel_at_period_end:
        _end(subscription, waiting, done, at=at)
        return waiting
    change = waiting_change(subscription)
    if change is not None and change.kind == ChangeKind.DOWNGRADE and subscription.period_end is not None:
        grants.take_price(subscription, change.to_price, start=subscription.period_end, is_fresh=False)
        grants.settle_changes(subscription, change.to_price, at=at)
        touch(subscription, "price", "product", "period", "anchor_day", at=at)
        grants.tell_changed(subscription, why="changed", at=at)
        done["changed"] += 1
    grace = GRACE[Period(subscription.period)]
    if not grace:
        _end(subscription, waiting, done, at=at)
        return waiting
    subscription.state = SubscriptionState.PAST_DUE
    touch(subscription, "state", at=at)
    apply_rights(subscription, at=at)
    end = subscription.period_end + grace if subscription.period_end else at
    events.publish(billing_events.subscription_past_due, key=subscription.pk, subscription_id=str(subscription.pk), ends_at=end.isoformat())
    done["past_due"] += 1
    return waiting


def _end(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> None:
    """A pro forma that is being paid stays: a late success brings the subscription back."""
    if waiting is not None and not is_being_paid(waiting):
        invoices.void(invoice_id=waiting.pk, at=at)
    is_wanted = not subscription.cancel_at_period_end
    state = SubscriptionState.EXPIRED if is_wanted else SubscriptionState.CANCELLED
    end_now(subscription, state=state, reason="not_renewed" if is_wanted else subscription.end_reason or "cancelled", at=at)
    done["expired" if is_wanted else "cancelled"] += 1


def _draft_renewal(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> Invoice | None:
    """The pro forma of the next period, at its price. Credit that covers it wholly pays it at once."""
    ahead = RENEWAL_AHEAD.get(Period(subscription.period))
    if waiting is not None or ahead is None or subscription.period_end is None:
        return waiting
    # The first reminder of a month or a year comes that morning, and leads to what there is to pay.
    if at < reminder_time(subscription.period_end, days_before=ahead.days):
        return waiting
    if subscription.resource is not None and subscription.resource.status != Status.ACTIVE and subscription.livemode:
        return None
    change = waiting_change(subscription)
    price = change.to_price if change is not None and change.kind == ChangeKind.DOWNGRADE else subscription.price
    wanted = Wish(subscription.user, price, subscription.resource, subscription, subscription.livemode, is_renewal=True)
    invoice = draft_for(price_up(wanted, at=at), subscription, at=at)
    done["drafted"] += 1
    if invoice.amount_due == 0:
        invoice = invoices.settle_invoice(invoice_id=invoice.pk, payment=None, at=at).invoice
        grants.grant(invoice=invoice, at=at)
        subscription.refresh_from_db()
        done["renewed"] += 1
        return None
    return invoice


def _remind(subscription: Subscription, waiting: Invoice | None, done: Counter[str], *, at: dt.datetime) -> None:
    """Say once for each day that the end comes near; after an interruption only what is the most urgent."""
    end = subscription.period_end
    if end is None or end <= at or subscription.state != SubscriptionState.ACTIVE:
        return
    due = [days for days in REMINDERS[Period(subscription.period)] if reminder_time(end, days_before=days) <= at]
    sent = set(Reminder.objects.filter(subscription=subscription, period_end=end).values_list("days_before", flat=True))
    fresh = [days for days in due if days not in sent]
    if not fresh:
        return
    Reminder.objects.bulk_create(Reminder(subscription=subscription, period_end=end, days_before=days, sent_at=at) for days in fresh)
    if min(fresh) == min(due):
        events.publish(
            billing_events.renewal_due, key=subscription.pk, subscription_id=str(subscription.pk),
            invoice_id=str(waiting.pk) if waiting else "", days_before=min(fresh),
        )  # fmt: skip
        done["reminded"] += 1
