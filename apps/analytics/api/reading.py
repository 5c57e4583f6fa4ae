"""Bodies of `/analytics/track`: one event, a list, or `{"events": […]}`. Each event is read by itself: a bad one costs no other."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType

from apps.analytics import constants as c
from apps.analytics.choices import Channel, EventType
from apps.analytics.incoming import Incoming, Rejected
from apps.core.api.parsers import BodyTooLarge, LengthRequired, MalformedBody

# `text/plain` is what sendBeacon says of a text: a type that needs no preflight.
_TYPES = {"application/json", "text/plain", ""}
_KINDS = {kind.name.lower(): int(kind) for kind in EventType}
_CHANNELS = {channel.name.lower(): int(channel) for channel in Channel if channel}
_CONTACT = int(EventType.CONTACT)
_MEMBER = re.compile(r"at `\$\.([a-z_]{1,40})|field `([^`]{1,40})`")
# Of a length that is worth reading as a number.
_DIGITS_MAX = 12

_Text = Annotated[str, msgspec.Meta(max_length=500)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The members of an event; the names of the source document are taken, too. Its `metadata` is read past: nothing free is kept."""

    type: str = ""
    event_type: str = ""
    resource: _Name | None = None
    resource_id: _Name | None = None
    business_id: _Name | None = None
    channel: str | None = None
    position: Annotated[int, msgspec.Meta(ge=1, le=c.POSITION_MAX)] | None = None
    referrer: _Text | None = None
    campaign: _Text | None = None
    poster: _Text | None = None
    city: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    dnt: bool = False
    occurred_at: dt.datetime | None = None
    event_id: Annotated[str, msgspec.Meta(max_length=c.EVENT_ID_MAX)] | None = None
    metadata: msgspec.Raw = msgspec.Raw()


class _Outer(msgspec.Struct):
    events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_outer = msgspec.json.Decoder(_Outer)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_event = msgspec.json.Decoder(_Event)


def read_body(request: HttpRequest) -> tuple[list[Incoming], list[tuple[Rejected, str]]]:
    """The events that can be read, and what is wrong with the others, with the member at fault.

    :raises MalformedBody: the body is no JSON, or neither event nor list of events. :raises BodyTooLarge: it is too long, or has too
        many events. :raises LengthRequired: it came without a length. :raises UnsupportedMediaType: it says that it is something else.
    """
    return read_events(_body(request))


def read_events(body: bytes) -> tuple[list[Incoming], list[tuple[Rejected, str]]]:
    """The same of a body that has been read. :raises MalformedBody: as `read_body`. :raises BodyTooLarge: likewise."""
    events, refused = [], []
    for place, raw in enumerate(_split(body)):
        try:
            events.append(_read(place, raw))
        except _Refusal as refusal:
            refused.append((Rejected(place, refusal.code), refusal.member))
    return events, refused


class _Refusal(Exception):
    def __init__(self, code: str, member: str = "") -> None:
        super().__init__(code)
        self.code, self.member = code, member


def _body(request: HttpRequest) -> bytes:
    meta = request.META
    if str(request.content_type).lower() not in _TYPES or meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType(str(request.content_type))
    length = str(meta.get("CONTENT_LENGTH") or "")
    if not length and "HTTP_TRANSFER_ENCODING" in meta:
        raise LengthRequired(_("Envoyez le corps en une fois avec l’en-tête Content-Length."))
    too_large = BodyTooLarge(_("Le corps dépasse %(limit)s octets.") % {"limit": c.BODY_BYTES_MAX})
    if length.isdecimal() and (len(length) > _DIGITS_MAX or int(length) > c.BODY_BYTES_MAX):
        raise too_large
    try:
        body: bytes = request.read(c.BODY_BYTES_MAX + 1)
    except OSError as error:
        raise MalformedBody(_("Le corps n’est pas arrivé en entier.")) from error
    if len(body) > c.BODY_BYTES_MAX:
        raise too_large
    return body


def _split(body: bytes) -> list[msgspec.Raw] | list[bytes]:
    """The events, each as its own text."""
    text = body.strip()
    try:
        if text.startswith(b"["):
            events: list[msgspec.Raw] = _list.decode(text)
        else:
            found = _outer.decode(text).events
            if found is msgspec.UNSET:
                return [text]
            events = found
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        detail = _("Le corps doit être en JSON : un événement, une liste d’événements, ou un objet avec « events ».")
        raise MalformedBody(detail) from error
    if len(events) > c.EVENTS_MAX:
        raise BodyTooLarge(_("Un envoi a au plus %(limit)s événements.") % {"limit": c.EVENTS_MAX})
    return events


def _read(place: int, raw: msgspec.Raw | bytes) -> Incoming:
    """:raises _Refusal: it is not an event that we know."""
    if len(raw) > c.EVENT_BYTES_MAX:
        raise _Refusal("too_large")
    try:
        event = _event.decode(raw)
    except msgspec.ValidationError as error:
        found = _MEMBER.search(str(error))
        raise (_Refusal("invalid", found[1] or found[2]) if found else _Refusal("unreadable")) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Refusal("unreadable") from error
    kind = _KINDS.get(event.type or event.event_type)
    if kind is None:
        raise _Refusal("unknown_type", "type")
    resource = event.resource or event.resource_id or event.business_id
    if not resource:
        raise _Refusal("invalid", "resource")
    channel = _CHANNELS.get(event.channel or "", 0)
    if (kind == _CONTACT) != bool(channel) or (event.channel and not channel):
        raise _Refusal("invalid", "channel")
    return Incoming(
        place, resource, kind, channel, event.position, event.referrer or "", event.campaign or "", event.poster or "", event.city or "",
        event.dnt, event.occurred_at, event.event_id or "",
    )  # fmt: skip
