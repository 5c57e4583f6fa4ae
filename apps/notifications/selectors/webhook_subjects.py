"""From an event of ours to what its owner's programs are told: who he is, and the object as it is now."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.accounts import events as accounts
from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import ApiKey, SecurityEvent
from apps.analytics import events as analytics
from apps.billing import events as billing
from apps.billing.models import Invoice, Payment, Refund, Subscription
from apps.catalog import events as catalog
from apps.catalog.models import Resource
from apps.core.events import Event
from apps.ingestion import events as ingestion
from apps.ingestion.models import Batch
from apps.notifications import events as notifications
from apps.notifications.models import WebhookEndpoint
from apps.notifications.webhook_types import ENDPOINT_DISABLED


@dataclass(frozen=True)
class Happening:
    """Something that happened to an object of one user. `data` is thin; `object` is a snapshot, None when there is none."""

    type: str
    user_id: uuid.UUID
    livemode: bool
    object_id: str
    data: Mapping[str, Any]
    object: Mapping[str, Any] | None = None


def happenings(name: str, payload: Mapping[str, Any]) -> list[Happening]:
    """What an event means; nothing when its object has no owner, or is gone."""
    return list(_READERS[name](payload))


def moment(at: dt.datetime | None) -> str | None:
    """`2026-11-26T17:00:40.125Z`."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _resources(kind: str, payload: Mapping[str, Any], **more: Any) -> Iterable[Happening]:
    for one in _owned(Resource.objects.filter(pk=payload["resource_id"])):
        yield _of_resource(kind, one, **more)


def _rejected(payload: Mapping[str, Any]) -> Iterable[Happening]:
    # The note is for people: it reaches the owner by mail.
    return _resources("resource.rejected", payload, reason=str(payload["reason"]))


def _bulk(payload: Mapping[str, Any]) -> Iterable[Happening]:
    """Many at once do not say what became of each: what is public changed, what was and is no more is hidden."""
    for one in _owned(Resource.objects.filter(pk__in=payload["resource_ids"], livemode=True, published_at__isnull=False)):
        yield _of_resource("resource.updated" if one.is_public else "resource.hidden", one)


def _owned(found: QuerySet[Resource]) -> QuerySet[Resource]:
    return found.filter(user__isnull=False).select_related("category", "city")


def _of_resource(kind: str, one: Resource, **more: Any) -> Happening:
    shown = {
        "id": str(one.pk), "slug": one.slug, "name": one.name, "resource_type": str(one.resource_type), "status": str(one.status),
        "category": one.category.slug if one.category else None, "city": one.city.slug if one.city else None, "plan": str(one.plan),
        "verified": one.verified, "version": one.version, "published_at": moment(one.published_at), "updated_at": moment(one.updated_at),
    }  # fmt: skip
    assert one.user_id is not None  # noqa: S101  `_owned` looked
    return Happening(kind, one.user_id, one.livemode, str(one.pk), {"id": str(one.pk), **more}, shown)


def _payments(kind: str, names: tuple[str, ...], payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in Payment.objects.filter(pk=payload["payment_id"]):
        shown = {
            "id": str(one.pk), "invoice_id": str(one.invoice_id), "state": str(one.state), "reason": str(one.reason) or None,
            "amount": one.amount, "currency": one.currency, "operator": str(one.operator), "created_at": moment(one.created_at),
            "finished_at": moment(one.finished_at),
        }  # fmt: skip
        data = {"id": str(one.pk), **{name: payload[name] for name in names}}
        yield Happening(kind, one.user_id, one.livemode, str(one.pk), data, shown)


def _invoices(payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in Invoice.objects.filter(pk=payload["invoice_id"]):
        shown = {
            "id": str(one.pk), "number": one.number, "state": str(one.state), "total": one.total, "net": one.net, "vat": one.vat,
            "currency": one.currency, "subscription_id": str(one.subscription_id), "issued_at": moment(one.issued_at),
        }  # fmt: skip
        yield Happening("invoice.issued", one.user_id, one.livemode, str(one.pk), {"id": str(one.pk)}, shown)


def _subscriptions(kind: str, names: tuple[str, ...], payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in Subscription.objects.filter(pk=payload["subscription_id"]):
        shown = {
            "id": str(one.pk), "product": str(one.product), "resource_id": str(one.resource_id) if one.resource_id else None,
            "state": str(one.state), "period": str(one.period), "period_end": moment(one.period_end),
            "cancel_at_period_end": one.cancel_at_period_end, "ended_at": moment(one.ended_at), "end_reason": one.end_reason or None,
        }  # fmt: skip
        data = {"id": str(one.pk), **{name: payload[name] for name in names}}
        yield Happening(kind, one.user_id, one.livemode, str(one.pk), data, shown)


def _refunds(payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in Refund.objects.select_related("payment").filter(pk=payload["refund_id"]):
        data = {"id": str(one.pk), "payment_id": str(one.payment_id), "amount": one.amount, "currency": one.payment.currency}
        shown = {**data, "state": str(one.state), "finished_at": moment(one.finished_at)}
        yield Happening("refund.succeeded", one.payment.user_id, one.payment.livemode, str(one.pk), data, shown)


def _keys(payload: Mapping[str, Any]) -> Iterable[Happening]:
    """Of all that touches an account's safety, only keys are told to programs; people are told the rest."""
    kinds = {SecurityEventKind.KEY_CREATED.value: "key.created", SecurityEventKind.KEY_REVOKED.value: "key.revoked"}
    kind = kinds.get(payload["kind"])
    event = SecurityEvent.objects.filter(pk=payload["event_id"]).first() if kind else None
    if kind is None or event is None:
        return
    for one in ApiKey.objects.filter(pk=event.details["key_id"]):
        shown = {
            "id": str(one.pk), "name": one.name, "key_prefix": one.key_prefix, "last_four": one.last_four, "scopes": one.permissions,
            "is_active": one.is_active, "created_at": moment(one.created_at), "revoked_at": moment(one.revoked_at),
        }  # fmt: skip
        yield Happening(kind, one.user_id, one.livemode, str(one.pk), {"id": str(one.pk)}, shown)


def _quotas(payload: Mapping[str, Any]) -> Iterable[Happening]:
    data = {"id": payload["user_id"], **{name: payload[name] for name in ("percent", "used", "quota", "month")}}
    yield Happening("quota.reached", uuid.UUID(payload["user_id"]), True, payload["user_id"], data)


def _batches(payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in Batch.objects.filter(pk=payload["batch_id"], user__isnull=False):
        counts = ("received", "created", "updated", "unchanged", "merged", "duplicate_suspected", "rejected")
        shown = {"id": str(one.pk), "state": str(one.state), **{name: getattr(one, name) for name in counts}}
        assert one.user_id is not None  # noqa: S101  filtered above
        yield Happening(
            "ingest.batch.finished", one.user_id, one.livemode, str(one.pk), {"id": str(one.pk)},
            {**shown, "finished_at": moment(one.finished_at)},
        )  # fmt: skip


def _reports(payload: Mapping[str, Any]) -> Iterable[Happening]:
    yield Happening("report.ready", uuid.UUID(payload["user_id"]), True, payload["report_id"], {"id": payload["report_id"]})


def _endpoints(payload: Mapping[str, Any]) -> Iterable[Happening]:
    for one in WebhookEndpoint.objects.filter(pk=payload["endpoint_id"]):
        shown = {
            "id": str(one.pk), "url": one.url, "state": payload["state"], "consecutive_failures": payload["failures"],
            "failing_since": payload["since"] or None,
        }  # fmt: skip
        data = {"id": str(one.pk), "reason": payload["state"]}
        yield Happening(ENDPOINT_DISABLED, one.user_id, one.livemode, str(one.pk), data, shown)


_Reader = Callable[[Mapping[str, Any]], Iterable[Happening]]
_BY_EVENT: dict[Event, _Reader] = {
    catalog.resource_published: lambda payload: _resources("resource.published", payload),
    catalog.resource_updated: lambda payload: _resources("resource.updated", payload),
    catalog.resource_hidden: lambda payload: _resources("resource.hidden", payload),
    catalog.resource_rejected: _rejected,
    catalog.resources_changed: _bulk,
    billing.payment_succeeded: lambda payload: _payments("payment.succeeded", ("invoice_id", "late"), payload),
    billing.payment_failed: lambda payload: _payments("payment.failed", ("reason",), payload),
    billing.invoice_issued: _invoices,
    billing.subscription_changed: lambda payload: _subscriptions("subscription.changed", (), payload),
    billing.subscription_ended: lambda payload: _subscriptions("subscription.ended", ("reason",), payload),
    billing.refund_succeeded: _refunds,
    accounts.security_event_recorded: _keys,
    accounts.quota_reached: _quotas,
    ingestion.batch_finished: _batches,
    analytics.report_ready: _reports,
    notifications.endpoint_disabled: _endpoints,
}
HEARD = tuple(_BY_EVENT)
_READERS = {event.name: reader for event, reader in _BY_EVENT.items()}
