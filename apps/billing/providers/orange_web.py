"""Orange Money Web Payment: the payer acts on a page of Orange's, whose address we are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx

from apps.billing.choices import CallKind, ProviderCode, Rail, Reason
from apps.billing.providers.http import OperatorClient, Reply, is_loopback
from apps.billing.providers.oauth import OauthAccount
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
from apps.billing.providers.reading import BEFORE_ACCEPTANCE, URL_MAX, no_answer, parse_object, same_or_other, text_of, token_of
from apps.billing.providers.redaction import in_words
from apps.billing.providers.texts import plain_text
from apps.billing.providers.tokens import Grant

MERCHANT_NAME_LIMIT = 30
# Both calls answer 201; other interfaces of Orange say 200.
GOOD = frozenset({200, 201})
STATUSES: dict[str, tuple[Seen, Reason | None]] = {
    "INITIATED": (Seen.IN_PROGRESS, None),
    "PENDING": (Seen.IN_PROGRESS, None),
    "SUCCESS": (Seen.SUCCEEDED, None),
    "FAILED": (Seen.FAILED, Reason.PROVIDER_ERROR),
    "EXPIRED": (Seen.EXPIRED, Reason.EXPIRED),
}
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[\x21-\x7e]*", re.ASCII)


class OrangeWeb:
    """Orange's page. A lost answer to `submit` is harmless: nobody has seen a page, and a new order may be made at once."""

    code: ClassVar[ProviderCode] = ProviderCode.ORANGE_WEB
    rail: ClassVar[Rail] = Rail.REDIRECT
    resubmits: ClassVar[bool] = False

    def __init__(
        self,
        *,
        client: OperatorClient,
        account: OauthAccount,
        merchant_key: str,
        merchant_name: str,
        currency: str,
        page_hosts: Sequence[str],
    ) -> None:
        self._client, self._account = client, account
        self._merchant_key, self._merchant_name = merchant_key, merchant_name
        self._page_hosts = tuple(host.lower() for host in page_hosts)
        self.currency, self.can_refund = currency, False

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """There is nothing to prepare."""
        return Prepared(Submitted.ACCEPTED)

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """`webpayment`: a page was made, nobody paid."""
        content = {
            "merchant_key": self._merchant_key, "currency": charge.currency, "order_id": charge.order_id, "amount": charge.amount,
            "return_url": charge.return_url, "cancel_url": charge.cancel_url, "notif_url": charge.callback_url,
            "lang": "en" if charge.language == "en" else "fr",
            "reference": plain_text(self._merchant_name, limit=MERCHANT_NAME_LIMIT, otherwise="Paiement"),
        }  # fmt: skip
        reply = self._account.call(CallKind.SUBMIT, "POST", "/webpayment", journal, content=content)
        if isinstance(reply, Grant):
            return Submission(Submitted.UNSENT, reply.reason, reply.raw_reason)
        if reply.status in GOOD and reply.data is not None:
            return self._page(reply, reply.data)
        return Submission(*_refusal(reply), reply.raw_reason)

    def nudge(self, charge: Charge, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """The page is open, or it is not."""
        return Submission(Submitted.UNSENT)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """`transactionstatus`; without the token of an order nothing can be asked, nor paid."""
        if not charge.token:
            return Sighting(Seen.NOT_FOUND, raw_reason="no pay_token: nobody can have seen a page", returns_amount=False)
        content = {"order_id": charge.order_id, "amount": charge.amount, "pay_token": charge.token}
        reply = self._account.call(CallKind.QUERY, "POST", "/transactionstatus", journal, content=content, secrets=[charge.token])
        if isinstance(reply, Grant):
            return no_answer(reply.raw_reason, reply.reason)
        status = (reply.data or {}).get("status")
        if reply.status not in GOOD or reply.data is None or not isinstance(status, str):
            return no_answer(reply.raw_reason, status=reply.status)
        word = status.strip()
        seen, reason = STATUSES.get(word, (Seen.IN_PROGRESS, None))
        return Sighting(
            seen, raw_status=text_of(word, 60), reason=reason, raw_reason=in_words(reply.data.get("message")),
            reference=same_or_other(str(charge.reference), charge.order_id, reply.data.get("order_id")),
            transaction_id=text_of(reply.data.get("txnid"), 100), returns_amount=False, is_known_word=word in STATUSES,
        )  # fmt: skip

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """Orange has no interface for it: paid back by hand."""
        return Submission(Submitted.REFUSED, Reason.CONFIGURATION, "no refund API")

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:  # noqa: ARG002  the port's names
        """There is nothing to ask."""
        return no_answer("no refund API")

    def balance(self, journal: Journal) -> Balance | None:  # noqa: ARG002  the port's names
        """Orange does not say."""
        return None

    def recognises(self, callback: Callback) -> bool:
        """By the token that stands for authenticity."""
        return "notif_token" in (parse_object(callback.body) or {})

    def hint(self, callback: Callback) -> Hint:
        """Only the `notif_token` says whose it is."""
        return Hint(notif_token=token_of((parse_object(callback.body) or {}).get("notif_token")))

    def _page(self, reply: Reply, data: dict[str, Any]) -> Submission:
        token, notif_token, url = token_of(data.get("pay_token")), token_of(data.get("notif_token")), data.get("payment_url")
        if not token or not isinstance(url, str):
            return Submission(Submitted.UNCLEAR, None, reply.raw_reason)
        if not self._may_be_shown(url):
            # Whoever answers here sends payers elsewhere: no token either, so that nothing goes on.
            return Submission(Submitted.UNCLEAR, Reason.CONFIGURATION, f"ALARM: the payment page is not Orange's: {text_of(_host(url))}")
        return Submission(Submitted.ACCEPTED, token=token, notif_token=notif_token, page_url=url)

    def _may_be_shown(self, url: str) -> bool:
        """Whether it is https and on a host of Orange's; this machine may speak http, and is trusted when we ask it ourselves."""
        host = _host(url)
        if len(url) > URL_MAX or not host:
            return False
        is_ours = is_loopback(host) and is_loopback(self._client.host)
        is_listed = any(host.endswith(one) if one.startswith(".") else host == one for one in self._page_hosts)
        return (is_listed or is_ours) and (url.startswith("https://") or is_loopback(host))


def _host(url: str) -> str:
    """The host of an address in its plainest form; empty when programs might read it differently."""
    try:
        return httpx.URL(url).host.lower() if _PAGE.fullmatch(url) and "\\" not in url else ""
    except httpx.InvalidURL:
        return ""


def _refusal(reply: Reply) -> tuple[Submitted, Reason | None]:
    """Design page "Mobile Money", 3.6: 4xx bodies are undocumented, so that only a few statuses decide."""
    if not reply.is_readable or reply.status is None:
        return Submitted.UNCLEAR, None
    if reply.status in BEFORE_ACCEPTANCE:
        return BEFORE_ACCEPTANCE[reply.status]
    has_shape = any(isinstance((reply.data or {}).get(name), str) for name in ("message", "description", "error"))
    if 400 <= reply.status < 500 and reply.status != 408 and has_shape:
        return Submitted.REFUSED, Reason.CONFIGURATION if reply.status == 404 else Reason.BAD_REQUEST
    return Submitted.UNCLEAR, None
