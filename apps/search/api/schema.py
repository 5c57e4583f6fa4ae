"""What the OpenAPI document says of search."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from apps.catalog.api.schema import EXAMPLE_ITEM, FIELDS, FILTERS, TYPES, ListItemSerializer
from apps.core.api.openapi import ANYBODY, IF_NONE_MATCH, LANG, problem, problems, query
from apps.core.api.params import LIMIT_DEFAULT, LIMIT_MAX, OFFSET_MAX
from apps.search.analysis import QUERY_LENGTH_MAX
from apps.search.api.questions import NEARBY_RADIUS_M, RADIUS_MAX_M, SUGGESTIONS_DEFAULT, SUGGESTIONS_MAX
from apps.search.backends.base import FACETS
from apps.search.questions import Sort, UnderstoodKind
from apps.search.selectors.landmarks import RADIUS_M

_TAGS = ["search"]
_POINT = [
    query("lat", "Latitude to measure from, in degrees; goes with `lng`.", OpenApiTypes.DOUBLE),
    query("lng", "Longitude to measure from, in degrees.", OpenApiTypes.DOUBLE),
]
_RADIUS = f"Only what lies within so many metres of `lat`, `lng`: 1 to {RADIUS_MAX_M}"
_LIMIT = query("limit", f"Entries of a page, 1 to {LIMIT_MAX}; {LIMIT_DEFAULT} by default.", OpenApiTypes.INT)
_CURSOR = query("cursor", "Where the page begins: from `next` or `previous` of another page.")
_FILTERS = [*FILTERS, *TYPES]
_PARAMETERS = [
    query("q", f"Words as people type them, in French or English, at most {QUERY_LENGTH_MAX} characters; the last may be unfinished."),
    query(
        "location",
        "A place as people write it, accents, capitals and a typing error aside: a region, town or quarter by any of its names"
        " (`Akwa Douala`), or a landmark (`carrefour Ndokoti`, `face hôtel Akwa Palace`): a published entry, or a crossroads known by"
        f" its quarter. What lies within `radius` metres of a landmark is found, {RADIUS_M} by default, and distances are measured from"
        " it. Not together with the slugs of places. Unknown: 400 with `suggestions`.",
    ),
    *_FILTERS, *_POINT,
    query("radius", f"{_RADIUS}; or of the landmark in `location`.", OpenApiTypes.INT),
    query("sort", "`relevance` by default; without words, as lists. `distance` needs `lat`, `lng` or a landmark.", enum=list(Sort)),
    _LIMIT, _CURSOR,
    query("offset", f"Entries to pass over; with `limit` at most {OFFSET_MAX}. `cursor` is faster.", OpenApiTypes.INT),
    query("facets", f"Facets to count, separated by commas: {', '.join(FACETS)}. Each is counted without its own filter, `has` with it."),
    query("include", "`count` adds `count` and `count_relation`.", enum=["count"]),
    query("explain", "Adds to each entry the `reasons` for its place.", OpenApiTypes.BOOL),
    query("understand", "`false` takes words as words only: no category, place or condition is read from them.", OpenApiTypes.BOOL),
]  # fmt: skip


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason for the place of an entry: a code that stays, and a sentence in the asked language."""

    code = serializers.CharField()
    text = serializers.CharField()


class FoundItemSerializer(ListItemSerializer):
    """An entry as lists have it, and what the search knows of it."""

    sponsored = serializers.BooleanField(help_text="It stands here because it pays; say so where you show it.")
    distance_m = serializers.IntegerField(allow_null=True, required=False, help_text="Metres from `lat`, `lng`, or from a landmark.")
    reasons = ReasonSerializer(many=True, required=False)


class FacetOptionSerializer(serializers.Serializer[Any]):
    """A value to choose, and how many entries there would be."""

    value = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    selected = serializers.BooleanField()


class UnderstoodSerializer(serializers.Serializer[Any]):
    """A part of the words, `q[start:end]` in code points, and what it was understood as; `without` is `q` without it."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in UnderstoodKind])
    value = serializers.CharField()
    name = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    without = serializers.CharField(allow_blank=True)


class DroppedSerializer(serializers.Serializer[Any]):
    """A condition to give up: the parameter, and what it is now."""

    drop = serializers.CharField()
    value = serializers.CharField()


class WayOutSerializer(DroppedSerializer):
    """A condition whose removal gives entries, and how many there would be; `also` names what has to go with it."""

    count = serializers.IntegerField()
    also = DroppedSerializer(many=True, help_text="Empty, unless no single condition helps.")


class LocationSerializer(serializers.Serializer[Any]):
    """What `location` was understood as: slug and name, and where a landmark is."""

    kind = serializers.ChoiceField(choices=["region", "city", "quarter", "landmark"])
    name = serializers.CharField()
    value = serializers.CharField(help_text="Slug of the place, of the entry that is the landmark, or of the quarter that names it.")
    latitude = serializers.FloatField(required=False, help_text="Of a landmark.")
    longitude = serializers.FloatField(required=False, help_text="Of a landmark.")


_RANGE = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
_PAGE = inline_serializer(
    "SearchPage",
    {
        "data": serializers.ListSerializer(child=FoundItemSerializer()),
        "has_more": serializers.BooleanField(),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "facets": serializers.DictField(child=serializers.ListSerializer(child=FacetOptionSerializer())),
        "highlights": serializers.DictField(
            child=serializers.DictField(child=serializers.ListField(child=_RANGE)),
            help_text="By id and member of an entry: where the words stand, as [start, end) in code points.",
        ),
        "did_you_mean": serializers.CharField(allow_null=True, help_text="`q` with its misspelt words put right."),
        "understood": serializers.ListSerializer(child=UnderstoodSerializer()),
        "partial": serializers.BooleanField(help_text="No entry holds all the words: these hold some."),
        "ways_out": serializers.ListSerializer(child=WayOutSerializer(), help_text="When there is no entry, the nearest first."),
        "location": LocationSerializer(required=False, help_text="When `location` was asked."),
        "count": serializers.IntegerField(required=False),
        "count_relation": serializers.ChoiceField(
            choices=["eq", "gte"], required=False, help_text="`eq`: so many there are. `gte`: at least so many."
        ),
    },
)
_SUGGESTIONS = inline_serializer(
    "SuggestionPage",
    {
        "data": serializers.ListSerializer(
            child=inline_serializer(
                "Suggestion",
                {
                    "kind": serializers.ChoiceField(choices=["resource", "category", "city", "quarter", "region"]),
                    "name": serializers.CharField(),
                    "slug": serializers.CharField(),
                    "detail": serializers.CharField(allow_blank=True, help_text="What tells it from others of the name."),
                    "id": serializers.UUIDField(allow_null=True, help_text="Of an entry."),
                    "city": serializers.CharField(allow_blank=True, help_text="Slug of a quarter's town."),
                },
            )
        ),
        "has_more": serializers.BooleanField(),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    },
)
_ERRORS = problems(400, 401, 403, 406)
_EXPIRED = problem(410, "Another engine answers now: begin again at `first`.", "cursor_expired")
_KNOWN = {304: OpenApiResponse(None, description="Nothing changed since the ETag in `If-None-Match`.")}
_FOUND: Final[dict[str, Any]] = {
    "data": [{**EXAMPLE_ITEM, "sponsored": False}], "has_more": False, "next": None, "previous": None, "facets": {},
    "highlights": {EXAMPLE_ITEM["id"]: {"name": [[10, 19]]}}, "did_you_mean": None,
    "understood": [{
        "kind": "quarter", "value": "akwa", "name": "Akwa", "start": 10, "end": 14, "without": "pharmacie",
    }],
    "partial": False, "ways_out": [],
}  # fmt: skip
_NEAR: Final[dict[str, Any]] = {
    **_FOUND, "data": [{**EXAMPLE_ITEM, "sponsored": False, "distance_m": 412}], "highlights": {}, "understood": [],
}  # fmt: skip


def _example(name: str, value: dict[str, Any]) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, response_only=True, status_codes=["200"])]


SEARCH: Final[dict[str, Any]] = {
    "operation_id": "search",
    "summary": "Search published entries",
    "tags": _TAGS,
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH, *_PARAMETERS, FIELDS],
    "responses": {200: _PAGE, **_KNOWN, **_ERRORS, **_EXPIRED},
    "examples": _example("“pharmacie akwa”", _FOUND),
}
NEARBY: Final[dict[str, Any]] = {
    "operation_id": "search_nearby",
    "summary": "List published entries around a point, the nearest first",
    "tags": _TAGS,
    "auth": ANYBODY,
    "parameters": [
        LANG, IF_NONE_MATCH, query("lat", "Latitude in degrees.", OpenApiTypes.DOUBLE, required=True),
        query("lng", "Longitude in degrees.", OpenApiTypes.DOUBLE, required=True),
        query("radius", f"{_RADIUS}; {NEARBY_RADIUS_M} by default.", OpenApiTypes.INT), *_FILTERS, _LIMIT, _CURSOR, FIELDS,
    ],
    "responses": {200: _PAGE, **_KNOWN, **_ERRORS, **_EXPIRED},
    "examples": _example("One entry, 412 m away", _NEAR),
}  # fmt: skip
SUGGESTIONS: Final[dict[str, Any]] = {
    "operation_id": "search_suggestions",
    "summary": "Suggest entries, categories and places while somebody types",
    "tags": _TAGS,
    "auth": ANYBODY,
    "parameters": [
        LANG, IF_NONE_MATCH, query("q", "The beginning of a query, from two letters on."),
        query("limit", f"Lines, 1 to {SUGGESTIONS_MAX}; {SUGGESTIONS_DEFAULT} by default.", OpenApiTypes.INT),
    ],
    "responses": {200: _SUGGESTIONS, **_KNOWN, **_ERRORS},
    "examples": _example(
        "“pharm”",
        {
            "data": [
                {"kind": "category", "name": "Pharmacies", "slug": "pharmacies", "detail": "", "id": None, "city": ""},
                {"kind": "resource", "name": EXAMPLE_ITEM["name"], "slug": EXAMPLE_ITEM["slug"], "detail": "Akwa, Douala",
                 "id": EXAMPLE_ITEM["id"], "city": ""},
            ],
            "has_more": False, "next": None, "previous": None,
        },
    ),
}  # fmt: skip
