"""pawaPay v2: an aggregator of both operators, with one account and one token that does not change."""

from __future__ import annotations

from typing import Any, ClassVar

from apps.billing.choices import CallKind, Operator, ProviderCode, Rail, Reason
from apps.billing.providers.http import OperatorClient, Reply
from apps.billing.providers.port import (
    Balance,
    Callback,
    Charge,
    Hint,
    Journal,
    Prepared,
    RefundOrder,
    Seen,
    Sighting,
    Submission,
    Submitted,
)
from apps.billing.providers.reading import (
    BEFORE_ACCEPTANCE,
    amount_of,
    no_answer,
    object_of,
    parse_object,
    phone_of,
    same_or_other,
    text_of,
)
from apps.billing.providers.redaction import in_words
from apps.billing.providers.texts import plain_text

MESSAGE_LEAST, MESSAGE_LIMIT = 4, 22
PROVIDERS = {Operator.MTN: "MTN_MOMO_CMR", Operator.ORANGE: "ORANGE_CMR"}
IN_PROGRESS = frozenset({"ACCEPTED", "PROCESSING", "SUBMITTED", "ENQUEUED", "IN_RECONCILIATION"})
REASONS: dict[str, Reason] = {
    "PAYER_NOT_FOUND": Reason.INVALID_PAYER,
    "INVALID_PHONE_NUMBER": Reason.INVALID_PAYER,
    "PAYER_LIMIT_REACHED": Reason.PAYER_LIMIT,
    "WALLET_LIMIT_REACHED": Reason.PAYER_LIMIT,
    "PAYMENT_NOT_APPROVED": Reason.DECLINED,
    "INSUFFICIENT_BALANCE": Reason.INSUFFICIENT_FUNDS,
    "MANUALLY_CANCELLED": Reason.CANCELED,
    "PAYMENT_IN_PROGRESS": Reason.PROVIDER_ERROR,
    "UNSPECIFIED_FAILURE": Reason.PROVIDER_ERROR,
    "UNKNOWN_ERROR": Reason.PROVIDER_ERROR,
    "PROVIDER_TEMPORARILY_UNAVAILABLE": Reason.PROVIDER_UNAVAILABLE,
    **dict.fromkeys(
        (
            "NO_AUTHENTICATION", "AUTHENTICATION_ERROR", "AUTHORISATION_ERROR", "HTTP_SIGNATURE_ERROR", "INVALID_CURRENCY",
            "INVALID_PROVIDER", "DEPOSITS_NOT_ALLOWED", "REFUNDS_NOT_ALLOWED",
        ),
        Reason.CONFIGURATION,
    ),
    **dict.fromkeys(
        (
            "INVALID_INPUT", "MISSING_PARAMETER", "UNSUPPORTED_PARAMETER", "INVALID_PARAMETER", "INVALID_AMOUNT", "AMOUNT_OUT_OF_BOUNDS",
            "DUPLICATE_METADATA_FIELD", "DEPOSIT_ALREADY_REFUNDED", "AMOUNT_TOO_LARGE", "REFUND_IN_PROGRESS",
        ),
        Reason.BAD_REQUEST,
    ),
}  # fmt: skip


class PawaPay:
    """pawaPay. Ids are ours, and the same one twice is ignored: it may be sent again."""

    code: ClassVar[ProviderCode] = ProviderCode.PAWAPAY
    rail: ClassVar[Rail] = Rail.PUSH
    resubmits: ClassVar[bool] = True

    def __init__(self, *, client: OperatorClient, token: str) -> None:
        self._client, self._token = client, token
        self.currency, self.can_refund = "XAF", True

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """There is nothing to prepare."""
        return Prepared(Submitted.ACCEPTED)

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """`POST /v2/deposits`: 200, and a word that says what came of it."""
        account = {"phoneNumber": charge.msisdn.removeprefix("+"), "provider": PROVIDERS[charge.operator]}
        content = {
            "depositId": str(charge.reference), "amount": str(charge.amount), "currency": charge.currency,
            "payer": {"type": "MMO", "accountDetails": account}, "clientReferenceId": charge.order_id,
            "customerMessage": plain_text(
                charge.message, limit=MESSAGE_LIMIT, otherwise="Paiement", least=MESSAGE_LEAST, has_marks=False
            ),
        }  # fmt: skip
        return _submission(self._ask(CallKind.SUBMIT, "POST", "/v2/deposits", journal, content))

    def nudge(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """pawaPay rings once."""
        return Submission(Submitted.UNSENT)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """`GET /v2/deposits/{id}`: the outer status is about the question, the inner one about the payment."""
        reply = self._ask(CallKind.QUERY, "GET", f"/v2/deposits/{charge.reference}", journal)
        return _sighting(reply, str(charge.reference), an_id="depositId", party="payer")

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:
        """`POST /v2/refunds`."""
        content = {
            "refundId": str(order.reference), "depositId": str(order.payment_reference),
            "amount": str(order.amount), "currency": order.currency,
        }  # fmt: skip
        return _submission(self._ask(CallKind.REFUND, "POST", "/v2/refunds", journal, content))

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        """`GET /v2/refunds/{id}`."""
        reply = self._ask(CallKind.REFUND_QUERY, "GET", f"/v2/refunds/{order.reference}", journal)
        return _sighting(reply, str(order.reference), an_id="refundId", party="recipient")

    def balance(self, journal: Journal) -> Balance | None:  # noqa: ARG002  the port's names
        """Not among what is documented to us."""
        return None

    def recognises(self, callback: Callback) -> bool:
        """By the ids that only pawaPay has."""
        data = parse_object(callback.body) or {}
        return "depositId" in data or "refundId" in data

    def hint(self, callback: Callback) -> Hint:
        """Its ids are ours."""
        data = parse_object(callback.body) or {}
        return Hint(reference=text_of(data.get("depositId")) or text_of(data.get("refundId")))

    def _ask(self, kind: CallKind, method: str, path: str, journal: Journal, content: dict[str, Any] | None = None) -> Reply:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._client.call(kind, method, path, journal, headers=headers, content=content)


def _code(data: dict[str, Any]) -> str:
    return text_of(object_of(data.get("failureReason")).get("failureCode"))


def _why(data: dict[str, Any]) -> str:
    failure = object_of(data.get("failureReason"))
    return in_words(failure.get("failureCode"), failure.get("failureMessage"))


def _submission(reply: Reply) -> Submission:
    """Design page "Mobile Money", 5.1."""
    data, status = reply.data or {}, reply.status
    if not reply.is_readable or status is None:
        return Submission(Submitted.UNCLEAR, None, reply.raw_reason)
    code, word = _code(data), text_of(data.get("status"))
    if status == 200 and word in {"ACCEPTED", "DUPLICATE_IGNORED"}:
        return Submission(Submitted.ACCEPTED if word == "ACCEPTED" else Submitted.DUPLICATE)
    if status in BEFORE_ACCEPTANCE:
        return Submission(*BEFORE_ACCEPTANCE[status], reply.raw_reason)
    if status == 200 and word == "REJECTED":
        return Submission(Submitted.REFUSED, REASONS.get(code, Reason.PROVIDER_ERROR), _why(data))
    if 400 <= status < 500 and status != 408 and code:
        return Submission(Submitted.REFUSED, REASONS.get(code, Reason.BAD_REQUEST), _why(data))
    return Submission(Submitted.UNCLEAR, None, reply.raw_reason)


def _sighting(reply: Reply, reference: str, *, an_id: str, party: str) -> Sighting:
    outer = (reply.data or {}).get("status")
    if reply.status != 200 or not isinstance(outer, str):
        return no_answer(reply.raw_reason, status=reply.status)
    if outer.strip() == "NOT_FOUND":
        return Sighting(Seen.NOT_FOUND, raw_reason=reply.raw_reason)
    data = object_of((reply.data or {}).get("data"))
    status = data.get("status")
    if outer.strip() != "FOUND" or not isinstance(status, str):
        return no_answer(reply.raw_reason)
    word, code = status.strip(), _code(data)
    seen, reason, is_known = Seen.IN_PROGRESS, None, word in IN_PROGRESS
    if word == "COMPLETED":
        seen, is_known = Seen.SUCCEEDED, True
    elif word == "FAILED":
        seen, reason, is_known = Seen.FAILED, REASONS.get(code, Reason.PROVIDER_ERROR), not code or code in REASONS
    account = object_of(object_of(data.get(party)).get("accountDetails"))
    return Sighting(
        seen, raw_status=text_of(word, 60), reason=reason, raw_reason=_why(data),
        reference=same_or_other(reference, reference, data.get(an_id)), amount=amount_of(data.get("amount")),
        currency=text_of(data.get("currency"), 10) or None, payer=phone_of(account.get("phoneNumber")),
        transaction_id=text_of(data.get("providerTransactionId"), 100), is_known_word=is_known,
    )  # fmt: skip
