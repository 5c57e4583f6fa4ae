"""Messages about money. Their readers paid or have to: none can be muted."""

from __future__ import annotations

from functools import partial

from apps.notifications.catalogue.kinds import LINK, OWNERS_CHAIN, Message
from apps.notifications.choices import Category

_Billing = partial(Message, category=Category.BILLING)
_PLAN = {"product": "Fiche à la une", "listing": "Chez Awa", "url": LINK}
_END = "2026-12-26T09:00:00+00:00"

BILLING = (
    _Billing(
        "renewal_due", event="billing.renewal_due", chain=OWNERS_CHAIN, sample=_PLAN | {"days": 7, "end": _END, "amount": 7500}
    ),
    _Billing("past_due", event="billing.subscription_past_due", chain=OWNERS_CHAIN, sample=_PLAN | {"end": "2027-01-02T09:00:00+00:00"}),
    _Billing("subscription_ended", event="billing.subscription_ended", sample=_PLAN | {"is_wanted": False}),
    _Billing(
        "payment_succeeded", event="billing.payment_succeeded", is_urgent=True,
        sample=_PLAN | {"amount": 7500, "number": "F-2026-000012", "code": "7K2M-9QXA", "late": False, "end": _END},
    ),
    _Billing(
        "payment_failed", event="billing.payment_failed", is_urgent=True, chain=OWNERS_CHAIN,
        sample=_PLAN | {"amount": 7500, "why": "Le solde est insuffisant, frais compris."},
    ),
    _Billing("refund_succeeded", event="billing.refund_succeeded", sample=_PLAN | {"amount": 7500, "number": "F-2026-000012"}),
    _Billing("payment_surplus", event="billing.payment_surplus", sample=_PLAN | {"amount": 7500}),
    _Billing("subscription_changed", event="billing.subscription_changed", sample=_PLAN | {"why": "moved", "end": _END}),
    _Billing(
        "transfer_refused", event="billing.transfer_refused",
        sample={"reference": "VIR 77", "invoice": "PF-2026-000012", "reason": "Illisible"},
    ),
)  # fmt: skip
