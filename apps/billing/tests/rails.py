"""What differs between the four adapters, as data, so that one suite tests them all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from apps.billing.choices import Operator, ProviderCode, Rail, Reason
from apps.billing.providers import registry
from apps.billing.providers.port import Charge, Journal, Provider, Submission
from apps.billing.tests.charges import charge

MP, WEB = "/omcoreapis/1.0.2/mp", "/orange-money-webpay/cm/v1"
# Where each mints, submits, and with which method and where it asks.
PATHS = {
    ProviderCode.MTN: ("/collection/token/", "/collection/v1_0/requesttopay", "GET", "/collection/v1_0/requesttopay/.*"),
    ProviderCode.ORANGE_MP: ("/token", f"{MP}/pay", "GET", f"{MP}/paymentstatus/.*"),
    ProviderCode.ORANGE_WEB: ("/oauth/v3/token", f"{WEB}/webpayment", "POST", f"{WEB}/transactionstatus"),
    ProviderCode.PAWAPAY: ("", "/v2/deposits", "GET", "/v2/deposits/.*"),
}


@dataclass(frozen=True)
class AdapterCase:
    """One adapter. `number` begins its payers' numbers; `returns` names what its queries repeat."""

    code: ProviderCode
    operator: Operator
    number: str
    returns: frozenset[str]
    resubmits: bool = False
    can_refund: bool = False

    @property
    def provider(self) -> Provider:
        """Built from the settings of now."""
        return registry.provider(self.code)

    def charge(self, last: str = "6789", **changes: Any) -> Charge:
        """A new charge whose payer's number ends so."""
        values = {
            "reference": uuid.uuid4(), "order_id": f"P{uuid.uuid4().hex[:17].upper()}", "msisdn": f"+237{self.number}45{last}",
            "operator": self.operator, "amount": 5000,
        }  # fmt: skip
        return charge(**(values | changes))

    def submit(self, one: Charge, journal: Journal) -> tuple[Submission, Charge]:
        """Prepare and submit as the engine does; the charge then has its token."""
        prepared = self.provider.prepare(one, journal)
        ready = replace(one, token=prepared.token)
        submission = self.provider.submit(ready, journal)
        return submission, replace(ready, token=submission.token or ready.token)

    def asked_with(self, one: Charge) -> str:
        """The id by which the operator knows it."""
        return one.token if self.code is ProviderCode.ORANGE_MP else one.order_id if self.is_page else str(one.reference)

    @property
    def is_page(self) -> bool:
        """Whether the payer acts on a page."""
        return self.provider.rail is Rail.REDIRECT


ALL = frozenset({"amount", "currency", "reference", "payer"})
CASES = (
    AdapterCase(ProviderCode.MTN, Operator.MTN, "653", ALL, resubmits=True, can_refund=True),
    AdapterCase(ProviderCode.ORANGE_MP, Operator.ORANGE, "693", ALL - {"currency"}),
    AdapterCase(ProviderCode.ORANGE_WEB, Operator.ORANGE, "693", frozenset({"reference"})),
    AdapterCase(ProviderCode.PAWAPAY, Operator.ORANGE, "693", ALL, resubmits=True, can_refund=True),
)
# The last digits of a number, and what comes of it.
OUTCOMES = {
    "6019": Reason.PAYER_LIMIT,
    "6029": Reason.INVALID_PAYER,
    "6039": Reason.DECLINED,
    "6049": Reason.INSUFFICIENT_FUNDS,
    "6069": Reason.PROVIDER_ERROR,
}
