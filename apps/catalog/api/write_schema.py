"""What the OpenAPI document says of the endpoints that change entries. Shapes only: `services` checks and explains."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from apps.catalog.api.schema import DetailSerializer
from apps.catalog.api.serializers import Hour
from apps.catalog.choices import Attribute, ContactKind, HolidayPolicy, HoursKind, OperatingStatus, ResourceType
from apps.core.api.openapi import IDEMPOTENCY_KEY, IF_MATCH, problems

_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Exemple – Pharmacie du Marché", "category": "pharmacies", "city": "douala", "quarter": "akwa",
    "description": "Pharmacie de quartier, ouverte tard le soir.", "phone": "+237 6 70 00 00 01", "latitude": 4.0503,
    "longitude": 9.7002, "attributes": ["mobile_money"], "profile": {"legal_form": "SARL"},
}  # fmt: skip
_HOURS_EXAMPLE: Final[dict[str, Any]] = {
    "hours_kind": "weekly",
    "holiday_policy": "closed",
    "hours": [
        {"day_of_week": 1, "open_time": "08:00", "close_time": "12:30"},
        {"day_of_week": 1, "open_time": "14:00", "close_time": "18:00"},
        {"day_of_week": 0, "is_closed": True},
    ],
    "special_days": [{"date": "2026-12-25", "is_closed": True, "note": "Noël"}],
}


class ContactInputSerializer(serializers.Serializer[Any]):
    """A way to reach the entry."""

    kind = serializers.ChoiceField(choices=ContactKind.choices)
    value = serializers.CharField(max_length=255)
    is_whatsapp = serializers.BooleanField(required=False)
    is_primary = serializers.BooleanField(required=False)


@extend_schema_field({"type": "object", "additionalProperties": True})
class _Members(serializers.DictField):
    """An object whose members depend on the type of the entry."""


class ResourcePatchSerializer(serializers.Serializer[Any]):
    """Members of an entry that a caller may set; null or "" clears one. Texts without a language are in that of the request.

    The members that only the server decides (`id`, `slug`, `version`…) may be sent back and are not read.
    """

    name = serializers.CharField(max_length=200, required=False)
    name_en = serializers.CharField(max_length=200, required=False, allow_null=True)
    resource_type = serializers.ChoiceField(choices=ResourceType.choices, required=False, help_text="Fixed once the entry exists.")
    category = serializers.CharField(max_length=120, required=False, help_text="Slug or name.")
    description = serializers.CharField(max_length=10_000, required=False, allow_null=True)
    description_fr = serializers.CharField(max_length=10_000, required=False, allow_null=True)
    description_en = serializers.CharField(max_length=10_000, required=False, allow_null=True)
    city = serializers.CharField(max_length=120, required=False, allow_null=True, help_text="Slug, name or usual spelling of a town.")
    quarter = serializers.CharField(max_length=120, required=False, allow_null=True, help_text="Slug or name of a quarter of `city`.")
    country = serializers.CharField(required=False, help_text="ISO 3166-1 alpha-2.")
    address_line1 = serializers.CharField(max_length=255, required=False, allow_null=True)
    address_line2 = serializers.CharField(max_length=255, required=False, allow_null=True)
    po_box = serializers.CharField(max_length=40, required=False, allow_null=True)
    postal_code = serializers.CharField(max_length=20, required=False, allow_null=True)
    latitude = serializers.FloatField(required=False, allow_null=True, help_text="With `longitude`, inside the country.")
    longitude = serializers.FloatField(required=False, allow_null=True)
    accuracy_m = serializers.IntegerField(min_value=0, max_value=100_000, required=False, allow_null=True)
    landmark = serializers.CharField(max_length=255, required=False, allow_null=True)
    directions = serializers.CharField(max_length=10_000, required=False, allow_null=True)
    phone = serializers.CharField(required=False, allow_null=True, help_text="National or international; stored as E.164.")
    whatsapp = serializers.CharField(required=False, allow_null=True)
    email = serializers.CharField(required=False, allow_null=True)
    website = serializers.CharField(required=False, allow_null=True)
    contacts = ContactInputSerializer(
        many=True, required=False, allow_null=True, help_text="All contacts at once, instead of the four above."
    )
    attributes = serializers.ListField(child=serializers.ChoiceField(choices=Attribute.choices), required=False, allow_null=True)
    operating_status = serializers.ChoiceField(choices=OperatingStatus.choices, required=False)
    hours_kind = serializers.ChoiceField(choices=HoursKind.choices, required=False)
    holiday_policy = serializers.ChoiceField(choices=HolidayPolicy.choices, required=False)
    profile = _Members(required=False, allow_null=True, help_text="Members of the type's profile.")
    metadata = _Members(required=False, allow_null=True, help_text="Anything of yours, at most 16 kB.")
    meta_title = serializers.CharField(max_length=255, required=False, allow_null=True)
    meta_description = serializers.CharField(max_length=10_000, required=False, allow_null=True)


class ResourceInputSerializer(ResourcePatchSerializer):
    """A whole entry. What a PUT leaves out is cleared."""

    name = serializers.CharField(max_length=200)
    category = serializers.CharField(max_length=120, help_text="Slug or name.")


class HoursRowSerializer(serializers.Serializer[Any]):
    """One interval, or a day that is closed."""

    day_of_week = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Sunday.")
    open_time = Hour(required=False)
    close_time = Hour(required=False)
    is_closed = serializers.BooleanField(required=False)


class SpecialDayRowSerializer(serializers.Serializer[Any]):
    """One interval of a date, or a date that is closed."""

    date = serializers.DateField()
    open_time = Hour(required=False)
    close_time = Hour(required=False)
    is_closed = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=120, required=False, allow_null=True)


class HoursInputSerializer(serializers.Serializer[Any]):
    """All hours at once. A close at or before the open belongs to the next day; 00:00 to 00:00 is the whole day."""

    hours_kind = serializers.ChoiceField(choices=HoursKind.choices, required=False)
    holiday_policy = serializers.ChoiceField(choices=HolidayPolicy.choices, required=False)
    hours = HoursRowSerializer(many=True, required=False)
    special_days = SpecialDayRowSerializer(many=True, required=False)


class ImagePatchSerializer(serializers.Serializer[Any]):
    """Members of a picture that can change."""

    alt_text = serializers.CharField(max_length=255, required=False)
    alt_text_en = serializers.CharField(max_length=255, required=False)
    is_primary = serializers.BooleanField(required=False)
    order_index = serializers.IntegerField(min_value=0, max_value=1000, required=False)


class ImageLinkSerializer(serializers.Serializer[Any]):
    """A picture elsewhere."""

    external_url = serializers.URLField(max_length=500, help_text="https only.")
    alt_text = serializers.CharField(max_length=255, required=False)
    alt_text_en = serializers.CharField(max_length=255, required=False)
    is_primary = serializers.BooleanField(required=False)


class ImageUploadSerializer(serializers.Serializer[Any]):
    """A picture of ours: JPEG, PNG or WebP."""

    file = serializers.FileField()
    alt_text = serializers.CharField(max_length=255, required=False)
    alt_text_en = serializers.CharField(max_length=255, required=False)
    is_primary = serializers.BooleanField(required=False)


_TAGS = ["catalogue"]
_DETAIL = OpenApiResponse(DetailSerializer, description="The entry as it is stored now, with its ETag.")
_REFUSALS = problems(400, 401, 403, 404, 406, 410, 411, 413, 415, 422)
_GUARDED = problems(412, 428)
_JSON = ["application/json", "application/merge-patch+json"]

CREATE: Final[dict[str, Any]] = {
    "summary": "Create an entry",
    "description": "The entry belongs to the caller and waits for moderation.",
    "tags": _TAGS,
    "parameters": [IDEMPOTENCY_KEY],
    "request": {"application/json": ResourceInputSerializer},
    "responses": {201: _DETAIL, **_REFUSALS, **problems(409)},
    "examples": [OpenApiExample("A business", _EXAMPLE, request_only=True)],
}
REPLACE: Final[dict[str, Any]] = {
    "summary": "Replace an entry",
    "tags": _TAGS,
    "parameters": [IF_MATCH],
    "request": {"application/json": ResourceInputSerializer},
    "responses": {200: _DETAIL, **_REFUSALS, **_GUARDED},
    "examples": [OpenApiExample("A business", _EXAMPLE, request_only=True)],
}
UPDATE: Final[dict[str, Any]] = {
    "summary": "Change members of an entry",
    "tags": _TAGS,
    "parameters": [IF_MATCH],
    "request": dict.fromkeys(_JSON, ResourcePatchSerializer),
    "responses": {200: _DETAIL, **_REFUSALS, **_GUARDED},
    "examples": [OpenApiExample("A new phone", {"phone": "+237670000002"}, request_only=True)],
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete an entry",
    "description": "It is hidden at once; staff can restore it for 30 days.",
    "tags": _TAGS,
    "parameters": [IF_MATCH],
    "request": None,
    "responses": {204: None, **problems(400, 401, 403, 404, 406, 410, 412, 428)},
}
SET_HOURS: Final[dict[str, Any]] = {
    "summary": "Replace the opening hours of an entry",
    "tags": _TAGS,
    "parameters": [IF_MATCH],
    "request": {"application/json": HoursInputSerializer},
    "responses": {200: _DETAIL, **_REFUSALS, **_GUARDED},
    "examples": [OpenApiExample("A week with a lunch break", _HOURS_EXAMPLE, request_only=True)],
}
ADD_IMAGE: Final[dict[str, Any]] = {
    "summary": "Add a picture to an entry",
    "description": "Its sizes are made in the background; until then it is not shown.",
    "tags": _TAGS,
    "request": {"multipart/form-data": ImageUploadSerializer, "application/json": ImageLinkSerializer},
    "responses": {201: _DETAIL, **_REFUSALS, **problems(409)},
}
EDIT_IMAGE: Final[dict[str, Any]] = {
    "summary": "Change a picture of an entry",
    "tags": _TAGS,
    "request": {"application/json": ImagePatchSerializer},
    "responses": {200: _DETAIL, **_REFUSALS},
}
REMOVE_IMAGE: Final[dict[str, Any]] = {
    "summary": "Remove a picture of an entry",
    "tags": _TAGS,
    "request": None,
    "responses": {204: None, **problems(400, 401, 403, 404, 406, 410)},
}
