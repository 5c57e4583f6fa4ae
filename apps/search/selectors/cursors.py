"""Signed cursors: where a page begins, bound to the question and, when the words decide the order, to the engine."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.signing import BadSignature, Signer, b64_decode, b64_encode
from django.utils.translation import gettext_lazy as _

from apps.core.api.pagination import InvalidCursor
from apps.core.exceptions import DomainError
from apps.search.backends.base import Place
from apps.search.questions import SearchQuestion

_SALT = "search.cursor"
CURSOR_LENGTH_MAX = 500


class CursorExpired(DomainError):
    """The order that it goes on with is gone: another engine answers now."""

    code = "cursor_expired"
    status = 410
    title = _("Curseur périmé")
    detail = _("L’ordre des résultats a changé depuis cette page. Reprenez à la première page.")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page begins: behind `passed` hits, and behind `place` in the engine's own order when it is given."""

    passed: int = 0
    place: Place | None = None


def encode(start: Start, question: SearchQuestion, *, engine: str, is_judged: bool) -> str:
    """The cursor of a page."""
    place = start.place
    values: list[Any] = [engine if is_judged else "", start.passed]
    if place is not None:
        published = None if place.published_at is None else place.published_at.isoformat()
        values += [place.id.hex, place.tier, place.quality, place.plan_rank, published, place.distance_m]
    text = b64_encode(msgspec.msgpack.encode(values)).decode()
    return Signer(salt=_SALT + digest(question)).sign(text).replace(":", "~")


def decode(cursor: str, question: SearchQuestion, *, engine: str, is_judged: bool) -> Start:
    """:raises InvalidCursor: see there. :raises CursorExpired: another engine made it, for an order of its own."""
    try:
        text = Signer(salt=_SALT + digest(question)).unsign(cursor[:CURSOR_LENGTH_MAX].replace("~", ":"))
        made_by, passed, *values = msgspec.msgpack.decode(b64_decode(text.encode()))
    except (BadSignature, ValueError, msgspec.DecodeError) as error:
        raise InvalidCursor from error
    if made_by != (engine if is_judged else ""):
        raise CursorExpired
    if not values:
        return Start(passed)
    pk, tier, quality, plan_rank, published, distance = values
    published_at = None if published is None else dt.datetime.fromisoformat(published)
    return Start(passed, Place(uuid.UUID(pk), tier, quality, plan_rank, published_at, distance))


def digest(question: SearchQuestion) -> str:
    """The same for questions that have the same hits in the same order."""
    asked = (
        question.text, repr(question.chosen), question.sort, repr(question.circle), repr(question.point), question.understand,
    )  # fmt: skip
    return hashlib.blake2b(repr(asked).encode(), digest_size=8).hexdigest()
