"""What the OpenAPI document says of the read endpoints."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from apps.catalog.api.filters import OFFERS
from apps.catalog.api.questions import SORTS
from apps.catalog.api.serializers import (
    HoursSerializer,
    ImageSerializer,
    Moment,
    OpenStatusSerializer,
    ResourceListItemSerializer,
    ResourceSerializer,
    SpecialDaySerializer,
)
from apps.catalog.choices import HolidayPolicy, HoursKind, ImageState, ListingPlan, ResourceType
from apps.catalog.models import OpeningInterval, SpecialDay
from apps.core.api.openapi import ANYBODY, IF_NONE_MATCH, LANG, problems, query
from apps.core.api.params import LIMIT_DEFAULT, LIMIT_MAX, OFFSET_MAX

EXAMPLE_ITEM: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90", "slug": "exemple-pharmacie-du-marche", "name": "Exemple – Pharmacie du Marché",
    "resource_type": "business", "category": {"slug": "pharmacies", "name": "Pharmacies", "icon": "pill"},
    "city": {"slug": "douala", "name": "Douala"}, "quarter": {"slug": "akwa", "name": "Akwa"},
    "region": {"slug": "littoral", "name": "Littoral"}, "country": "CM", "latitude": 4.0503, "longitude": 9.7002,
    "address_line1": "", "phone": "+237670000001", "whatsapp": None, "email": None, "website": None,
    "summary": "Pharmacie de quartier, ouverte tard le soir.", "plan": "free", "verified": True, "status": "active",
    "operating_status": "open", "attributes": ["mobile_money"], "image": None, "is_demo": True, "is_fictional": True, "version": 3,
    "created_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T09:30:00Z", "published_at": "2026-11-24T08:00:00Z",
    "open_status": {"state": "open", "next_change": "2026-11-24T20:00:00Z", "as_of": "2026-11-24T09:31:00Z"},
}  # fmt: skip


FIELDS = query("fields", "Only these members, separated by commas.")
FILTERS = [
    query("category", "Slug of a category; holds its descendants. A comma separates alternatives, here and below."),
    query("city", "Slug of a town."),
    query("quarter", "Slug of a quarter."),
    query("region", "Slug of a region."),
    query("plan", f"Listing plan: {', '.join(ListingPlan.values)}."),
    query("verified", "Verified entries only, or the others.", OpenApiTypes.BOOL),
    query("open_now", "Open at this minute.", OpenApiTypes.BOOL),
    query("has", f"Offers; repeat it to ask for several at once. One of {', '.join(OFFERS)}.", many=True),
    query("bbox", "`minLng,minLat,maxLng,maxLat` in degrees."),
]
MADE = [
    query("created_at[gte]", "Made at this moment or later: ISO 8601 with its offset, or a day.", OpenApiTypes.DATETIME),
    query("created_at[lte]", "Made at this moment or earlier.", OpenApiTypes.DATETIME),
]
TYPES = [
    query("type", f"{', '.join(ResourceType.values)}."),
    query("resource_type", "The same as `type`."),
]
PAGING = [
    query("sort", "`default`: featured first, then newest. `newest`: newest first.", enum=list(SORTS)),
    query("limit", f"Entries of a page, 1 to {LIMIT_MAX}; {LIMIT_DEFAULT} by default.", OpenApiTypes.INT),
    query("cursor", "Where the page begins: from `next` or `previous` of another page."),
    query("offset", f"Entries to pass over, at most {OFFSET_MAX}; `cursor` is faster.", OpenApiTypes.INT),
    query("include", "`count` adds how many entries there are, exact up to 1000.", enum=["count"]),
]


class ListItemSerializer(ResourceListItemSerializer):
    """An entry in a list."""

    open_status = OpenStatusSerializer()


class DetailSerializer(ResourceSerializer):
    """An entry with everything that is known of it."""

    open_status = OpenStatusSerializer()


class HoursRowWithIdSerializer(HoursSerializer):
    """One interval of the week."""

    id = serializers.UUIDField()
    business_id = serializers.UUIDField()

    class Meta:
        model = OpeningInterval
        fields = ("id", "business_id", *HoursSerializer.Meta.fields)


class SpecialDayWithIdSerializer(SpecialDaySerializer):
    """What replaces the week on one date."""

    id = serializers.UUIDField()
    business_id = serializers.UUIDField()

    class Meta:
        model = SpecialDay
        fields = ("id", "business_id", *SpecialDaySerializer.Meta.fields)


class ImageRowSerializer(ImageSerializer):
    """A picture of an entry."""

    business_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ImageState.choices)
    created_at = Moment()


def _page(name: str, item: serializers.Serializer[Any]) -> serializers.Serializer[Any]:
    return inline_serializer(
        name,
        {
            "data": serializers.ListSerializer(child=item),
            "has_more": serializers.BooleanField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )


def _category(name: str, children: serializers.Field[Any, Any, Any, Any]) -> serializers.Serializer[Any]:
    return inline_serializer(
        name,
        {
            "id": serializers.UUIDField(),
            "slug": serializers.CharField(),
            "name": serializers.CharField(),
            "description": serializers.CharField(),
            "icon": serializers.CharField(),
            "schema_type": serializers.CharField(),
            "count": serializers.IntegerField(help_text="Entries of the category and its descendants."),
            "parent_id": serializers.UUIDField(allow_null=True),
            "parent": serializers.CharField(allow_null=True, help_text="Slug of the parent."),
            "created_at": Moment(),
            "children": children,
        },
    )


_CATEGORY = _category("Category", serializers.ListField(child=serializers.DictField(), help_text="Categories of the same shape."))
_ERRORS = problems(400, 401, 403, 404, 406)
_GONE = problems(410)
_MOVED = {301: OpenApiResponse(None, description="The entry has another address: follow `Location`.")}
_KNOWN = {304: OpenApiResponse(None, description="Nothing changed since the ETag in `If-None-Match`.")}

LIST: Final[dict[str, Any]] = {
    "operation_id": "list_resources",
    "summary": "List published entries",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH, *FILTERS, *MADE, *TYPES, *PAGING, FIELDS],
    "responses": {200: _page("ResourcePage", ListItemSerializer()), **_KNOWN, **_ERRORS},
    "examples": [
        OpenApiExample(
            "One page",
            {"data": [EXAMPLE_ITEM], "has_more": False, "next": None, "previous": None},
            response_only=True,
            status_codes=["200"],
        )
    ],
}
BUSINESSES: Final[dict[str, Any]] = {
    **LIST,
    "operation_id": "list_businesses",
    "summary": "List published businesses",
    "parameters": [LANG, IF_NONE_MATCH, *FILTERS, *MADE, *PAGING, FIELDS],
}
DETAIL: Final[dict[str, Any]] = {
    "operation_id": "get_resource",
    "summary": "Read an entry by id or address",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH, FIELDS],
    "responses": {200: DetailSerializer, **_MOVED, **_KNOWN, **_ERRORS, **_GONE},
}
BUSINESS: Final[dict[str, Any]] = {**DETAIL, "operation_id": "get_business", "summary": "Read a business by id or address"}
HOURS: Final[dict[str, Any]] = {
    "operation_id": "get_resource_hours",
    "summary": "Read the opening hours of an entry",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH],
    "responses": {
        200: inline_serializer(
            "OpeningHours",
            {
                "hours_kind": serializers.ChoiceField(choices=HoursKind.choices),
                "holiday_policy": serializers.ChoiceField(choices=HolidayPolicy.choices),
                "hours": serializers.ListSerializer(child=HoursRowWithIdSerializer()),
                "special_days": serializers.ListSerializer(child=SpecialDayWithIdSerializer()),
                "osm": serializers.CharField(help_text="The week in OpenStreetMap's `opening_hours` grammar."),
                "open_status": OpenStatusSerializer(),
                "version": serializers.IntegerField(),
            },
        ),
        **_MOVED,
        **_KNOWN,
        **_ERRORS,
        **_GONE,
    },
}
IMAGES: Final[dict[str, Any]] = {
    "operation_id": "list_resource_images",
    "summary": "List the pictures of an entry",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH],
    "responses": {200: _page("ImagePage", ImageRowSerializer()), **_MOVED, **_KNOWN, **_ERRORS, **_GONE},
}
IMAGE: Final[dict[str, Any]] = {
    "operation_id": "get_resource_image",
    "summary": "Read a picture of an entry",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH],
    "responses": {200: ImageRowSerializer, **_MOVED, **_KNOWN, **_ERRORS, **_GONE},
}
CATEGORIES: Final[dict[str, Any]] = {
    "operation_id": "list_categories",
    "summary": "Read the tree of categories",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH],
    "responses": {200: _page("CategoryPage", _CATEGORY), **_KNOWN, **_ERRORS},
}
CATEGORY: Final[dict[str, Any]] = {
    "operation_id": "get_category",
    "summary": "Read a category",
    "tags": ["catalogue"],
    "auth": ANYBODY,
    "parameters": [LANG, IF_NONE_MATCH],
    "responses": {200: _CATEGORY, **_KNOWN, **_ERRORS},
}
