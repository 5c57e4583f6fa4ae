"""Merchant payments of Orange Cameroon (`omcoreapis/1.0.2/mp`): the phone rings during `pay`, which a `payToken` precedes."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any, ClassVar
from urllib.parse import quote

from apps.billing.choices import CallKind, ProviderCode, Rail, Reason
from apps.billing.providers.http import Reply
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
from apps.billing.providers.reading import (
    BEFORE_ACCEPTANCE,
    OUR_FAULT,
    amount_of,
    no_answer,
    object_of,
    parse_object,
    phone_of,
    same_or_other,
    text_of,
    token_of,
)
from apps.billing.providers.redaction import in_words
from apps.billing.providers.texts import plain_text
from apps.billing.providers.tokens import Grant

PATH = "/omcoreapis/1.0.2/mp"
DESCRIPTION_LIMIT = 125
STATUSES: dict[str, tuple[Seen, Reason | None]] = {
    "PENDING": (Seen.IN_PROGRESS, None),
    # Two L: so does Orange write it.
    "SUCCESSFULL": (Seen.SUCCEEDED, None),
    "SUCCESSFUL": (Seen.SUCCEEDED, None),
    "SUCCESS": (Seen.SUCCEEDED, None),
    "FAILED": (Seen.FAILED, Reason.PROVIDER_ERROR),
    "CANCELLED": (Seen.FAILED, Reason.CANCELED),
    "CANCELED": (Seen.FAILED, Reason.CANCELED),
    "EXPIRED": (Seen.EXPIRED, Reason.EXPIRED),
    # A `payToken` that `pay` never followed.
    "INITIATED": (Seen.NOT_FOUND, None),
}
INSUFFICIENT = "60019"
# Beginnings of words, in Orange's French without accents: the numbers before them are not published.
_MESSAGES = (
    (("solde", "insuffisant"), Reason.INSUFFICIENT_FUNDS),
    (("introuvable",), Reason.INVALID_PAYER),
    (("utilisateur", "bloque"), Reason.PAYER_BLOCKED),
    (("montant", "maximum"), Reason.PAYER_LIMIT),
)
_NUMBERED = re.compile(r"\s*(\d{2,6})\s*::")


def auth_token(user: str, password: str) -> str:
    """What `X-AUTH-TOKEN` holds."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


class OrangeMp:
    """Orange's push. `pay` is never repeated on one `payToken`: a lost answer is asked about."""

    code: ClassVar[ProviderCode] = ProviderCode.ORANGE_MP
    rail: ClassVar[Rail] = Rail.PUSH
    resubmits: ClassVar[bool] = False

    def __init__(self, *, account: OauthAccount, channel_msisdn: str, pin: str) -> None:
        self._account, self._channel_msisdn, self._pin = account, channel_msisdn, pin
        self.currency, self.can_refund = "XAF", False

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:  # noqa: ARG002  the port's names
        """`init`: a `payToken`. It costs nothing, so that whatever goes wrong was not sent."""
        reply = self._account.call(CallKind.PREPARE, "POST", f"{PATH}/init", journal)
        if isinstance(reply, Grant):
            return Prepared(Submitted.UNSENT, raw_reason=reply.raw_reason, reason=reply.reason)
        token = token_of(object_of((reply.data or {}).get("data")).get("payToken")) if reply.status in {200, 201} else ""
        if token:
            return Prepared(Submitted.ACCEPTED, token)
        is_ours = reply.is_readable and reply.status in OUR_FAULT
        reason = Reason.CONFIGURATION if is_ours else Reason.PROVIDER_UNAVAILABLE
        return Prepared(Submitted.UNSENT, raw_reason=_words(reply), reason=reason)

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """`pay`."""
        if not charge.token:
            return Submission(Submitted.UNSENT, raw_reason="no payToken: prepare first")
        content = {
            "notifUrl": charge.callback_url, "channelUserMsisdn": self._channel_msisdn, "amount": str(charge.amount),
            "subscriberMsisdn": charge.msisdn.removeprefix("+237"), "pin": self._pin, "orderId": charge.order_id,
            "description": plain_text(charge.message, limit=DESCRIPTION_LIMIT, otherwise="Paiement"), "payToken": charge.token,
        }  # fmt: skip
        reply = self._account.call(CallKind.SUBMIT, "POST", f"{PATH}/pay", journal, content=content, secrets=[charge.token])
        if isinstance(reply, Grant):
            return Submission(Submitted.UNSENT, reply.reason, reply.raw_reason)
        outcome, reason = _of_pay(reply)
        return Submission(outcome, reason, "" if outcome is Submitted.ACCEPTED else _words(reply), token=charge.token)

    def nudge(self, charge: Charge, journal: Journal) -> Submission:
        """`push`: the phone rings again, and a payment that `pay` could not start may start now. UNSENT may be repeated."""
        if not charge.token:
            return Submission(Submitted.UNSENT, raw_reason="no payToken")
        reply = self._ask(CallKind.NUDGE, "push", charge, journal)
        if isinstance(reply, Grant):
            return Submission(Submitted.UNSENT, reply.reason, reply.raw_reason)
        data = object_of((reply.data or {}).get("data"))
        if reply.status == 200 and text_of(data.get("inittxnstatus")) == "200":
            return Submission(Submitted.ACCEPTED, token=charge.token)
        return Submission(Submitted.UNSENT if reply.is_readable else Submitted.UNCLEAR, None, _words(reply), token=charge.token)

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """`paymentstatus`. Every field but the status may be null."""
        if not charge.token:
            return Sighting(Seen.NOT_FOUND, raw_reason="no payToken: the payer was never asked")
        reply = self._ask(CallKind.QUERY, "paymentstatus", charge, journal)
        if isinstance(reply, Grant):
            return no_answer(reply.raw_reason, reply.reason)
        if reply.status == 404 and reply.data is not None and "message" in reply.data and reply.data.get("data", "") is None:
            # In the interface's own shape; a gateway's 404 has another one and says nothing.
            return Sighting(Seen.NOT_FOUND, raw_reason=_words(reply))
        data = object_of((reply.data or {}).get("data"))
        status = data.get("status")
        if reply.status != 200 or not isinstance(status, str):
            return no_answer(_words(reply), status=reply.status)
        word = status.strip()
        seen, reason = STATUSES.get(word, (Seen.IN_PROGRESS, None))
        return Sighting(
            seen, raw_status=text_of(word, 60), reason=(_reason(data) or reason) if word == "FAILED" else reason,
            raw_reason="" if seen is Seen.SUCCEEDED else _words(reply),
            reference=_reference(charge, data), amount=amount_of(data.get("amount")),
            payer=phone_of(data.get("subscriberMsisdn")), transaction_id=text_of(data.get("txnid"), 100), is_known_word=word in STATUSES,
        )  # fmt: skip

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:  # noqa: ARG002  the port's names
        """Orange has no public interface for it: paid back by hand."""
        return Submission(Submitted.REFUSED, Reason.CONFIGURATION, "no refund API")

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:  # noqa: ARG002  the port's names
        """There is nothing to ask."""
        return no_answer("no refund API")

    def balance(self, journal: Journal) -> Balance | None:  # noqa: ARG002  the port's names
        """Orange does not say."""
        return None

    def recognises(self, callback: Callback) -> bool:
        """By the `payToken`."""
        return "payToken" in (parse_object(callback.body) or {})

    def hint(self, callback: Callback) -> Hint:
        """The `payToken`, and nothing of what is said about it."""
        data = parse_object(callback.body) or {}
        return Hint(token=token_of(data.get("payToken")), order_id=text_of(data.get("txnmode")))

    def _ask(self, kind: CallKind, what: str, charge: Charge, journal: Journal) -> Reply | Grant:
        return self._account.call(kind, "GET", f"{PATH}/{what}/{quote(charge.token, safe='')}", journal, secrets=[charge.token])


def _reference(charge: Charge, data: dict[str, Any]) -> str | None:
    ours = str(charge.reference)
    by_token = same_or_other(ours, charge.token, data.get("payToken"))
    return by_token if by_token not in {None, ours} else same_or_other(ours, charge.order_id, data.get("txnmode")) or by_token


def _of_pay(reply: Reply) -> tuple[Submitted, Reason | None]:
    """Design page "Mobile Money", 4.3 and 4.4: what is not listed there decides nothing, for the payer may have been asked."""
    data = object_of((reply.data or {}).get("data"))
    word = text_of(data.get("status"))
    if not reply.is_readable or reply.status is None:
        return Submitted.UNCLEAR, None
    if reply.status in {200, 201} and word in {"PENDING", "SUCCESSFULL", "SUCCESSFUL", "SUCCESS"}:
        return Submitted.ACCEPTED, None
    if reply.status in BEFORE_ACCEPTANCE:
        return BEFORE_ACCEPTANCE[reply.status]
    if reply.status == 422 and reply.data is not None:
        return Submitted.REFUSED, Reason.BAD_REQUEST
    reason = _reason({**data, "message": (reply.data or {}).get("message")})
    if reply.status in {200, 417} and word == "FAILED" and reason is not None:
        return Submitted.REFUSED, reason
    return Submitted.UNCLEAR, None


def _reason(data: dict[str, Any]) -> Reason | None:
    """Why it failed, from the number or the sentence; None for words that we do not know."""
    messages = [text_of(data.get(name)) for name in ("message", "confirmtxnmessage", "inittxnmessage")]
    numbers = {text_of(data.get("inittxnstatus")), text_of(data.get("confirmtxnstatus"))}
    numbers |= {found[1] for message in messages if (found := _NUMBERED.match(message))}
    if INSUFFICIENT in numbers:
        return Reason.INSUFFICIENT_FUNDS
    plain = unicodedata.normalize("NFKD", " ".join(messages)).encode("ascii", "ignore").decode().lower()
    return next((reason for words, reason in _MESSAGES if all(word in plain for word in words)), None)


def _words(reply: Reply) -> str:
    """Orange's own words, or what else there is."""
    data = object_of((reply.data or {}).get("data"))
    names = ("inittxnstatus", "inittxnmessage", "confirmtxnstatus", "confirmtxnmessage")
    return in_words((reply.data or {}).get("message"), *(data.get(name) for name in names)) or reply.raw_reason
