"""Every kind of event that a webhook tells: the closed registry, with what its message looks like.

A message is `{type, timestamp, livemode, data}`; `data` holds the id of the object and what the event alone knows. Endpoints that
ask for it get the object as it is then in `data.object`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_RESOURCE = "0190a5c4-7f1e-7cc3-98c4-dc0c0c073990"
_PAYMENT = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90"
_INVOICE = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d11"
_SUBSCRIPTION = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d22"
_KEY = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d33"
_ENDPOINT = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d44"


@dataclass(frozen=True)
class WebhookType:
    """A kind of event: its name on the wire, what happened, the `data` of a sample, and the object of one (None: it has none)."""

    name: str
    label: str | Promise
    # The same in English, for the OpenAPI document.
    summary: str
    data: Mapping[str, Any]
    object: Mapping[str, Any] | None = None
    # A person may not choose it: it comes when he asks for it.
    is_choosable: bool = field(default=True)


_ENTRY = {
    "id": _RESOURCE, "slug": "pharmacie-du-marche", "name": "Pharmacie du Marché", "resource_type": "business", "status": "active",
    "category": "pharmacies", "city": "douala", "plan": "free", "verified": True, "version": 7,
    "published_at": "2026-11-20T08:00:00Z", "updated_at": "2026-11-26T17:00:00Z",
}  # fmt: skip
_PAID = {
    "id": _PAYMENT, "invoice_id": _INVOICE, "state": "succeeded", "reason": None, "amount": 2500, "currency": "XAF", "operator": "mtn",
    "created_at": "2026-11-26T17:00:00Z", "finished_at": "2026-11-26T17:00:40Z",
}  # fmt: skip
_BILL = {
    "id": _INVOICE, "number": "F-2026-000012", "state": "paid", "total": 2500, "net": 2096, "vat": 404, "currency": "XAF",
    "subscription_id": _SUBSCRIPTION, "issued_at": "2026-11-26T17:00:40Z",
}  # fmt: skip
_PLAN = {
    "id": _SUBSCRIPTION, "product": "listing_featured", "resource_id": _RESOURCE, "state": "active", "period": "month",
    "period_end": "2026-12-26T17:00:40Z", "cancel_at_period_end": False, "ended_at": None, "end_reason": None,
}  # fmt: skip
_SHOWN_KEY = {
    "id": _KEY, "name": "Application mobile", "key_prefix": "romapi_live_4fQ2", "last_four": "9xKa", "scopes": ["resources:read"],
    "is_active": True, "created_at": "2026-11-26T17:00:00Z", "revoked_at": None,
}  # fmt: skip
_BATCH = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d55", "state": "done", "received": 500, "created": 480, "updated": 12, "unchanged": 3,
    "merged": 0, "duplicate_suspected": 1, "rejected": 4, "finished_at": "2026-11-26T17:02:00Z",
}  # fmt: skip

_ALL = (
    WebhookType(
        "resource.published",
        _("Une de vos fiches est visible de tous"),
        "An entry of yours became visible to everybody",
        {"id": _RESOURCE},
        _ENTRY,
    ),
    WebhookType(
        "resource.updated", _("Une de vos fiches publiées a changé"), "A published entry of yours changed", {"id": _RESOURCE}, _ENTRY
    ),
    WebhookType(
        "resource.hidden",
        _("Une de vos fiches n’est plus visible"),
        "An entry of yours is visible no more",
        {"id": _RESOURCE},
        {**_ENTRY, "status": "suspended"},
    ),
    WebhookType(
        "resource.rejected",
        _("L’équipe a refusé une de vos fiches"),
        "Staff refused an entry of yours",
        {"id": _RESOURCE, "reason": "incomplete"},
        {**_ENTRY, "status": "rejected", "published_at": None},
    ),
    WebhookType(
        "payment.succeeded",
        _("Un de vos paiements a réussi"),
        "A payment of yours succeeded",
        {"id": _PAYMENT, "invoice_id": _INVOICE, "late": False},
        _PAID,
    ),
    WebhookType(
        "payment.failed",
        _("Un de vos paiements a échoué"),
        "A payment of yours failed",
        {"id": _PAYMENT, "reason": "insufficient_funds"},
        {**_PAID, "state": "failed", "reason": "insufficient_funds"},
    ),
    WebhookType("invoice.issued", _("Une facture vous est adressée"), "An invoice was issued to you", {"id": _INVOICE}, _BILL),
    WebhookType(
        "subscription.changed",
        _("Un de vos abonnements a commencé, continué ou changé"),
        "A subscription of yours began, went on or changed",
        {"id": _SUBSCRIPTION},
        _PLAN,
    ),
    WebhookType(
        "subscription.ended",
        _("Un de vos abonnements est terminé"),
        "A subscription of yours is over",
        {"id": _SUBSCRIPTION, "reason": "cancelled"},
        {**_PLAN, "state": "cancelled", "ended_at": "2026-12-26T17:00:40Z", "end_reason": "cancelled"},
    ),
    WebhookType(
        "refund.succeeded",
        _("Un remboursement vous a été versé"),
        "Money was given back to you",
        {"id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d66", "payment_id": _PAYMENT, "amount": 2500, "currency": "XAF"},
        {
            "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d66",
            "payment_id": _PAYMENT,
            "amount": 2500,
            "currency": "XAF",
            "state": "succeeded",
            "finished_at": "2026-11-26T18:00:00Z",
        },
    ),
    WebhookType(
        "key.created", _("Une clé d’API a été créée sur votre compte"), "An API key was made on your account", {"id": _KEY}, _SHOWN_KEY
    ),
    WebhookType(
        "key.revoked",
        _("Une de vos clés d’API a été révoquée"),
        "An API key of yours was revoked",
        {"id": _KEY},
        {**_SHOWN_KEY, "is_active": False, "revoked_at": "2026-11-26T18:00:00Z"},
    ),
    WebhookType(
        "quota.reached",
        _("Vos appels ont atteint 50, 80 ou 100 % du quota"),
        "Your calls reached 50, 80 or 100 % of the quota",
        {"id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d77", "percent": 80, "used": 800, "quota": 1000, "month": "2026-11-01"},
    ),
    WebhookType(
        "ingest.batch.finished",
        _("Un lot de fiches que vous avez envoyé est traité"),
        "A batch of records that you sent is done",
        {"id": _BATCH["id"]},
        _BATCH,
    ),
    WebhookType(
        "report.ready",
        _("Un rapport que vous avez demandé est prêt"),
        "A report that you asked for is ready",
        {"id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d88"},
    ),
    WebhookType(
        "endpoint.disabled",
        _("Une autre de vos adresses de webhook a été désactivée"),
        "Another webhook endpoint of yours was switched off",
        {"id": _ENDPOINT, "reason": "auto_disabled"},
        {
            "id": _ENDPOINT,
            "url": "https://exemple.cm/webhooks",
            "state": "auto_disabled",
            "consecutive_failures": 20,
            "failing_since": "2026-11-25T16:00:00Z",
        },
    ),
    WebhookType("webhook.test", _("Vous avez demandé un essai"), "You asked for a try", {"id": _ENDPOINT}, is_choosable=False),
)
WEBHOOK_TYPES: dict[str, WebhookType] = {one.name: one for one in _ALL}
CHOOSABLE: dict[str, WebhookType] = {one.name: one for one in _ALL if one.is_choosable}
TEST = "webhook.test"
ENDPOINT_DISABLED = "endpoint.disabled"


def sample_message(kind: WebhookType, *, with_object: bool) -> dict[str, Any]:
    """What an endpoint gets, for the documentation."""
    data = {**kind.data, **({"object": kind.object} if with_object and kind.object is not None else {})}
    return {"type": kind.name, "timestamp": "2026-11-26T17:00:40Z", "livemode": True, "data": data}
