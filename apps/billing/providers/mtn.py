"""MTN MoMo Open API: Collection, with refunds through Disbursement."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

from apps.billing.choices import CallKind, ProviderCode, Rail, Reason
from apps.billing.providers.http import OperatorClient, Reply
from apps.billing.providers.mtn_words import NOT_FOUND, of_status, of_submit, reason_text, word_of
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
from apps.billing.providers.reading import amount_of, no_answer, object_of, parse_object, phone_of, same_or_other, text_of
from apps.billing.providers.texts import plain_text
from apps.billing.providers.tokens import Grant, TokenStore, call_with_token, token_key

TEXT_LIMIT = 100
SANDBOX = "sandbox"


class Product:
    """One product of MTN: a subscription key, an account and a token of its own.

    :raises ImproperlyConfigured: not a usable address.
    """

    def __init__(self, name: str, *, client: OperatorClient, base_url: str, environment: str, key: str, user: str, secret: str) -> None:
        self._name, self._client, self._environment = name, client, environment
        self._subscription = {"Ocp-Apim-Subscription-Key": key}
        self._basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        self.is_configured = bool(key and user and secret)
        self._tokens = TokenStore(token_key(base_url, name, key, user, secret), name=f"mtn:{name}", early_s=600)

    def call(
        self,
        kind: CallKind,
        method: str,
        path: str,
        journal: Journal,
        *,
        headers: dict[str, str] | None = None,
        content: dict[str, Any] | None = None,
    ) -> Reply | Grant:
        """Ask with a token of this product, as `call_with_token` does."""

        def ask(token: str) -> Reply:
            sent = {"Authorization": f"Bearer {token}", "X-Target-Environment": self._environment, **self._subscription, **(headers or {})}
            return self._client.call(kind, method, f"/{self._name}{path}", journal, headers=sent, content=content, secrets=[token])

        return call_with_token(self._tokens, lambda: self._mint(journal), ask, is_reading=method == "GET")

    def _mint(self, journal: Journal) -> Reply:
        # A body of any kind is refused here; its length, zero, has to be said.
        headers = {"Authorization": f"Basic {self._basic}", **self._subscription}
        return self._client.call(CallKind.TOKEN, "POST", f"/{self._name}/token/", journal, headers=headers, secrets=[self._basic])


class Mtn:
    """MTN MoMo. In its sandbox the same figures are notional euros."""

    code: ClassVar[ProviderCode] = ProviderCode.MTN
    rail: ClassVar[Rail] = Rail.PUSH
    resubmits: ClassVar[bool] = True

    def __init__(self, *, collection: Product, disbursement: Product, environment: str) -> None:
        self._collection, self._disbursement = collection, disbursement
        self.currency = "EUR" if environment == SANDBOX else "XAF"
        self.can_refund = disbursement.is_configured

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """There is nothing to prepare."""
        return Prepared(Submitted.ACCEPTED)

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """`requesttopay`: 202 means that the phone rings, not that anybody paid."""
        content = {
            "amount": str(charge.amount), "currency": charge.currency, "externalId": str(charge.reference),
            "payer": {"partyIdType": "MSISDN", "partyId": charge.msisdn.removeprefix("+")},
            "payerMessage": plain_text(charge.message, limit=TEXT_LIMIT, otherwise="Paiement"),
            "payeeNote": plain_text(charge.note, limit=TEXT_LIMIT, otherwise="Paiement"),
        }  # fmt: skip
        headers = {"X-Reference-Id": str(charge.reference)}
        if charge.callback_url:
            headers["X-Callback-Url"] = charge.callback_url
        return _submission(self._collection.call(CallKind.SUBMIT, "POST", "/v1_0/requesttopay", journal, headers=headers, content=content))

    def nudge(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """MTN rings once; the payer may dial *126#."""
        return Submission(Submitted.UNSENT)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """`requesttopay/{reference}`: 200 also when the payment failed."""
        path = f"/v1_0/requesttopay/{charge.reference}"
        return _sighting(self._collection.call(CallKind.QUERY, "GET", path, journal), str(charge.reference), party="payer")

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:
        """Through Disbursement, which is another contract."""
        if not self.can_refund:
            return Submission(Submitted.REFUSED, Reason.CONFIGURATION, "MTN_MOMO_DISBURSEMENT_* are not set")
        content = {
            "amount": str(order.amount), "currency": order.currency, "externalId": str(order.reference),
            "payerMessage": plain_text(order.message, limit=TEXT_LIMIT, otherwise="Remboursement"),
            "payeeNote": plain_text(order.note, limit=TEXT_LIMIT, otherwise="Remboursement"),
            "referenceIdToRefund": str(order.payment_reference),
        }  # fmt: skip
        headers = {"X-Reference-Id": str(order.reference)}
        return _submission(self._disbursement.call(CallKind.REFUND, "POST", "/v1_0/refund", journal, headers=headers, content=content))

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        """`refund/{reference}`."""
        path = f"/v1_0/refund/{order.reference}"
        return _sighting(self._disbursement.call(CallKind.REFUND_QUERY, "GET", path, journal), str(order.reference), party="payee")

    def balance(self, journal: Journal) -> Balance | None:
        """Of the collection wallet."""
        reply = self._collection.call(CallKind.BALANCE, "GET", "/v1_0/account/balance", journal)
        if not isinstance(reply, Reply) or reply.status != 200 or reply.data is None:
            return None
        amount, currency = amount_of(reply.data.get("availableBalance")), text_of(reply.data.get("currency"), 3)
        return Balance(amount, currency) if amount is not None and currency else None

    def recognises(self, callback: Callback) -> bool:
        """By the words that only MTN uses."""
        data = parse_object(callback.body) or {}
        return (
            "partyIdType" in object_of(data.get("payer")) or "financialTransactionId" in data or ("externalId" in data and "status" in data)
        )

    def hint(self, callback: Callback) -> Hint:
        """Its `externalId` is our reference; nothing else in it is."""
        data = parse_object(callback.body) or {}
        return Hint(reference=text_of(data.get("externalId")) or text_of(data.get("referenceId")))


def _submission(reply: Reply | Grant) -> Submission:
    """Design page "Mobile Money", 2.4: the table of answers to a submit."""
    if isinstance(reply, Grant):
        return Submission(Submitted.UNSENT, reply.reason, reply.raw_reason)
    outcome, reason = (Submitted.UNCLEAR, None) if not reply.is_readable else of_submit(reply.status or 0, reply.data)
    return Submission(outcome, reason, "" if outcome is Submitted.ACCEPTED else reply.raw_reason)


def _sighting(reply: Reply | Grant, reference: str, *, party: str) -> Sighting:
    """Design page "Mobile Money", 2.5."""
    if isinstance(reply, Grant):
        return no_answer(reply.raw_reason, reply.reason)
    data = reply.data
    if data is None or reply.status is None:
        return no_answer(reply.raw_reason)
    if reply.status != 200:
        if reply.status in {400, 404} and word_of(data) in NOT_FOUND:
            return Sighting(Seen.NOT_FOUND, raw_reason=reply.raw_reason)
        return no_answer(reply.raw_reason, Reason.CONFIGURATION if reply.status == 404 else None, status=reply.status)
    status = data.get("status")
    if not isinstance(status, str):
        return no_answer(reply.raw_reason)
    word = status.strip()
    seen, reason, is_known = of_status(word, data.get("reason"))
    return Sighting(
        seen, raw_status=text_of(word, 60), reason=reason, raw_reason=reason_text(data.get("reason")),
        reference=same_or_other(reference, reference, data.get("externalId")),
        amount=amount_of(data.get("amount")), currency=text_of(data.get("currency"), 10) or None,
        payer=phone_of(object_of(data.get(party)).get("partyId")), transaction_id=text_of(data.get("financialTransactionId"), 100),
        is_known_word=is_known,
    )  # fmt: skip
