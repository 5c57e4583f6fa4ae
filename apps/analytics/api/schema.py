"""What the OpenAPI document says of analytics."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from apps.analytics import constants as c
from apps.analytics.choices import Channel, EventType
from apps.core.api.openapi import LANG, problem

_TYPES = [kind.name.lower() for kind in EventType]
_CHANNELS = [channel.name.lower() for channel in Channel if channel]


class TrackedEventSerializer(serializers.Serializer[Any]):
    """Something that a visitor did with a listing, at most 1,024 bytes."""

    type = serializers.ChoiceField(choices=_TYPES, help_text="`event_type` is the same.")
    resource = serializers.CharField(
        max_length=200, help_text="Id or slug of a published listing; `resource_id` and `business_id` are the same."
    )
    channel = serializers.ChoiceField(choices=_CHANNELS, required=False, help_text="Of a `contact`, which needs it; of nothing else.")
    position = serializers.IntegerField(
        min_value=1, max_value=c.POSITION_MAX, required=False, help_text="Rank among results, of an `impression` or `click`."
    )
    referrer = serializers.CharField(
        max_length=500, required=False, help_text="Address of the page that the visitor came from. Only its kind is kept."
    )
    campaign = serializers.CharField(
        max_length=500, required=False, help_text="Name of a campaign (`utm_campaign`); 60 characters are kept."
    )
    poster = serializers.CharField(max_length=500, required=False, help_text="Name of the poster whose QR code was scanned.")
    city = serializers.CharField(max_length=100, required=False, help_text="Slug of the town that the visitor has chosen on the page.")
    dnt = serializers.BooleanField(required=False, help_text="The visitor asks not to be followed, as `DNT` and `Sec-GPC` say.")
    occurred_at = serializers.DateTimeField(
        required=False, help_text="When it happened, within the last 24 hours; any other moment is replaced by that of the call."
    )
    event_id = serializers.CharField(
        max_length=c.EVENT_ID_MAX, required=False, help_text="An id of yours: the same event sent again within 24 hours counts once."
    )


class RejectedEventSerializer(serializers.Serializer[Any]):
    """An event that is not taken, by its place in the call."""

    index = serializers.IntegerField()
    code = serializers.ChoiceField(
        choices=["invalid", "unreadable", "too_large", "unknown_type", "unknown_resource", "rate_limited", "unavailable"]
    )
    detail = serializers.CharField()


_ANSWER = inline_serializer(
    "TrackAnswer",
    {
        "accepted": serializers.IntegerField(help_text="Events that count, unless the rule finds that they repeat others."),
        "set_aside": serializers.IntegerField(help_text="Events of robots, repeats and floods: kept and shown as such, never counted."),
        "rejected": RejectedEventSerializer(many=True),
    },
)
_REQUEST = inline_serializer(
    "TrackBatch", {"events": serializers.ListField(child=TrackedEventSerializer(), min_length=0, max_length=c.EVENTS_MAX)}
)
_DESCRIPTION = f"""Tells what visitors do with listings, as the site's own pages do (`navigator.sendBeacon`).

A call holds one event, a list of events, or `{{"events": […]}}`: at most {c.EVENTS_MAX}, as `application/json` or `text/plain`. It needs no
key and counts against no quota; {c.VISITOR_PER_MINUTE} events a minute may come from one network address.

Who calls is not kept: of address and browser only a hash that nobody can make again after the day, and nothing at all with
`DNT: 1` or `Sec-GPC: 1`. Robots and repeats are set aside. A listing that does not exist, or not for visitors, is `unknown_resource`."""

TRACK: Final[dict[str, Any]] = {
    "operation_id": "track_events",
    "summary": "Tell what visitors did",
    "description": _DESCRIPTION,
    "tags": ["analytics"],
    "parameters": [LANG],
    "auth": [],
    "request": {"application/json": _REQUEST, "text/plain": _REQUEST},
    "examples": [
        OpenApiExample(
            "Two events",
            {
                "events": [
                    {"type": "view", "resource": "pharmacie-du-marche-douala", "referrer": "https://www.google.cm/"},
                    {"type": "contact", "channel": "whatsapp", "resource": "pharmacie-du-marche-douala"},
                ]
            },
            request_only=True,
        ),
        OpenApiExample(
            "What became of them",
            {
                "accepted": 1,
                "set_aside": 0,
                "rejected": [{"index": 1, "code": "unknown_resource", "detail": "No such listing."}],
            },
            response_only=True,
            status_codes=["202"],
        ),
    ],
    "responses": {
        202: OpenApiResponse(_ANSWER, description="The body was read; each event has its own outcome."),
        **problem(400, code="malformed_request"),
        **problem(411),
        **problem(413),
        **problem(415),
    },
}
