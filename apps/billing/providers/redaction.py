"""What may be written down of an answer: no secret, no whole phone number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from apps.billing.providers.reading import parse_object, storable, text_of

HIDDEN = "***"
SHOWN_MAX = 4000
DEPTH_MAX = 20
# A shorter one would take words out of everything.
SECRET_MIN = 4
# Secrets of one answer that are looked for in the rest of it: each costs a pass over the text.
ECHOES_MAX = 20

_SECRET_KEYS = frozenset({
    "accesstoken", "refreshtoken", "idtoken", "token", "paytoken", "notiftoken", "pin", "password", "secret", "apikey", "clientsecret",
    "merchantkey", "customerkey", "customersecret", "authorization", "xauthtoken", "notifurl", "subscriptionkey", "ocpapimsubscriptionkey",
})  # fmt: skip
_PHONE_KEYS = frozenset({"partyid", "msisdn", "subscribermsisdn", "channelusermsisdn", "phonenumber", "phone", "from", "payer"})
# Numbers that look like a phone's and are none.
_ID_KEYS = frozenset(
    {"financialtransactionid", "externalid", "id", "txnid", "transactionid", "providertransactionid", "createtime", "amount"}
)
_PHONE = re.compile(r"(?<![\w-])(?:\+|00)?(?:237[ .-]?)?([62](?:[ .-]?\d){8})(?![\w-])|(?<![\w-])\+?(46733\d{6})(?![\w-])", re.ASCII)
_PAIR = re.compile(r'("(?P<key>[\w-]{1,40})"\s*:\s*|\b(?P<name>[\w-]{1,40})=)(?P<value>"(?:[^"\\]|\\.)*"?|[^\s,}&"]+)')


def mask_phone(number: str) -> str:
    """`6xx xx x 111`: enough to recognise, too little to call."""
    digits = re.sub(r"\D", "", number)
    national = digits.removeprefix("237") if len(digits) == 12 else digits
    return f"{national[:1]}xx xx x {national[-3:]}"


def in_words(*parts: object) -> str:
    """What an operator said, on one line to keep, each sentence once and without phone numbers; empty when it said nothing."""
    said = (text_of(part) for part in parts)
    return storable(_without_phones(": ".join(dict.fromkeys(part for part in said if part))))


def redact(body: bytes, secrets: Iterable[str] = ()) -> str:
    """The body as text of at most 4,000 characters, without what is secret by its name, by `secrets`, or is a phone number."""
    hidden = {secret for secret in secrets if len(secret) >= SECRET_MIN}
    value = parse_object(body)
    if value is None:
        text = _PAIR.sub(lambda pair: _without_pair(pair, hidden), body[: 4 * SHOWN_MAX].decode("utf-8", "replace"))
        text = _without_phones(text)
    else:
        text = json.dumps(_walked(value, hidden, 0), ensure_ascii=False, default=str)[: 4 * SHOWN_MAX]
    return storable(_without(text, hidden), SHOWN_MAX)


def _plain(key: str) -> str:
    return re.sub(r"[\W_]", "", key).lower()


def _walked(value: object, hidden: set[str], depth: int) -> Any:
    if depth > DEPTH_MAX:
        return "…"
    if isinstance(value, dict):
        return {key: _field(key, one, hidden, depth) for key, one in value.items()}
    if isinstance(value, list):
        return [_walked(one, hidden, depth + 1) for one in value]
    if isinstance(value, int) and not isinstance(value, bool):
        shown = _without_phones(str(value))
        return value if shown == str(value) else shown
    return _without_phones(value) if isinstance(value, str) else value


def _field(key: str, value: object, hidden: set[str], depth: int) -> Any:
    name = _plain(key)
    if name in _SECRET_KEYS and value is not None:
        if isinstance(value, str) and len(value) >= SECRET_MIN and len(hidden) < ECHOES_MAX:
            hidden.add(value)
        return HIDDEN
    if isinstance(value, dict | list):
        return _walked(value, hidden, depth + 1)
    if name in _PHONE_KEYS and isinstance(value, str | int) and not isinstance(value, bool) and value != "":
        return mask_phone(str(value))
    return value if name in _ID_KEYS else _walked(value, hidden, depth)


def _without_pair(pair: re.Match[str], hidden: set[str]) -> str:
    name, value = _plain(pair["key"] or pair["name"]), pair["value"]
    bare = value.strip('"')
    if name in _SECRET_KEYS:
        if len(bare) >= SECRET_MIN and len(hidden) < ECHOES_MAX:
            hidden.add(bare)
        return f"{pair[1]}{HIDDEN}"
    return f"{pair[1]}{mask_phone(bare)}" if name in _PHONE_KEYS and re.search(r"\d{6}", bare) else pair[0]


def _without_phones(text: str) -> str:
    return _PHONE.sub(lambda found: mask_phone(found[0]), text)


def _without(text: str, hidden: set[str]) -> str:
    # The longest first: one secret may be part of another.
    for secret in sorted(hidden, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    return text
