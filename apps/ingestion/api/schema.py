"""What the OpenAPI document says of ingestion. Shapes only: the steps check and explain."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from apps.core.api.openapi import IDEMPOTENCY_KEY, header, problem, problems, query
from apps.ingestion.choices import BatchState, Outcome

_RECORD: Final[dict[str, Any]] = {
    "source_id": "node/123", "name": "Exemple – Pharmacie du Marché", "category": "pharmacie", "address": "Rue de la Joie",
    "quarter": "Akwa", "city": "Douala", "lat": 4.0503, "lon": 9.7002, "phone": "233 42 00 00", "website": "",
    "source_url": "https://exemple.cm/pharmacies",
}  # fmt: skip
_BATCH: Final[dict[str, Any]] = {
    "batch_id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c07398f", "state": "done", "source": "exemple", "livemode": True, "received": 1, "done": 1,
    "counts": {"created": 1, "updated": 0, "unchanged": 0, "merged": 0, "duplicate_suspected": 0, "rejected": 0}, "failure": "",
    "created_at": "2026-11-26T17:00:00Z", "started_at": "2026-11-26T17:00:00Z", "finished_at": "2026-11-26T17:00:00Z",
}  # fmt: skip
_ITEM: Final[dict[str, Any]] = {
    "index": 0,
    "outcome": "created",
    "id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073990",
    "reasons": [{"field": "phone", "code": "phone_dropped", "detail": "12"}],
}


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class _Counts(serializers.DictField):
    """A number for each outcome."""


class RecordReasonSerializer(serializers.Serializer[Any]):
    """Why a record was refused, what of it was dropped, or why its entry waits. Programs go by `code`."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ItemSerializer(serializers.Serializer[Any]):
    """What became of one record. `index` is its place in the body, `id` its entry's."""

    index = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    id = serializers.UUIDField(allow_null=True)
    reasons = RecordReasonSerializer(many=True)


class BatchSerializer(serializers.Serializer[Any]):
    """A batch: how far it is, and how many records met which end."""

    batch_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    source = serializers.CharField(help_text="The source that the key speaks for.")  # type: ignore[assignment]  # the name of the wire
    livemode = serializers.BooleanField()
    received = serializers.IntegerField()
    done = serializers.IntegerField()
    counts = _Counts()
    failure = serializers.CharField(help_text="What broke it off, when something did.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class TakenSerializer(BatchSerializer):
    """A batch that was taken at once."""

    items = ItemSerializer(many=True)


class BatchPageSerializer(TakenSerializer):
    """A batch with a page of its lines."""

    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class RecordSerializer(serializers.Serializer[Any]):
    """One place as its source tells it. Only `name` is needed; "" means absent; what is unknown here is kept as received.

    `source_id` (or `external_id`) makes it the same record when it is sent again; without one, `name`, the place and `source_url` do.
    """

    name = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # the name of the wire
        required=False, help_text="Where the sender has it from, below his own source."
    )
    source_id = serializers.CharField(required=False, help_text="Its id there.")
    category = serializers.CharField(required=False, help_text="The source's own word or tag.")
    description = serializers.CharField(required=False)
    address = serializers.CharField(required=False)
    quarter = serializers.CharField(required=False)
    city = serializers.CharField(required=False)
    lat = serializers.FloatField(required=False, help_text="Also `latitude`.")
    lon = serializers.FloatField(required=False, help_text="Also `lng`, `longitude`.")
    phone = serializers.CharField(required=False, help_text="One or several; old numbers of eight digits are mended.")
    email = serializers.CharField(required=False)
    website = serializers.CharField(required=False)
    opening_hours = serializers.CharField(required=False, help_text="OpenStreetMap's syntax, or French.")
    source_url = serializers.CharField(required=False)
    extra = serializers.JSONField(required=False, help_text="An object that is kept.")


class RecordsSerializer(serializers.Serializer[Any]):
    """Several records. `full` says that they are all that the source has: what is absent three times in a row is marked unconfirmed."""

    items = RecordSerializer(many=True)
    full = serializers.BooleanField(required=False)


_ERRORS = {
    **problems(400, 401, 409, 411, 413, 415, 422),
    **problem(403, "The key lacks `ingest:write`, is bound to no source, or its source is closed.", "source_required"),
}
_DESCRIPTION = (
    'An object, a list, `{"items": [...]}`, or NDJSON (`application/x-ndjson`), also with `Content-Encoding: gzip` (at most 200 MB and '
    "20 times its size once unpacked). Up to 500 records and 1 MB are answered at once, one by one; more, or with "
    "`Prefer: respond-async`, become a batch to ask about. A rejected record never makes the call fail, and sending everything again is "
    "harmless. What a test key sends is seen by its owner alone."
)
_REQUEST = {
    "application/json": RecordsSerializer,
    "application/x-ndjson": OpenApiTypes.STR,
}
_COMMON: Final[dict[str, Any]] = {
    "tags": ["ingest"],
    "request": _REQUEST,
    "parameters": [
        IDEMPOTENCY_KEY,
        header("Prefer", "`respond-async` to be answered 202 in any case."),
        header("Content-Encoding", "`gzip` when the body is packed."),
    ],
    "responses": {
        200: OpenApiResponse(
            TakenSerializer,
            description="What became of each record.",
            examples=[OpenApiExample("taken", {**_BATCH, "items": [_ITEM]}, response_only=True, status_codes=["200"])],
        ),
        202: OpenApiResponse(
            BatchSerializer,
            description="A worker takes it; `Location` says where to ask.",
            examples=[
                OpenApiExample(
                    "queued",
                    {**_BATCH, "state": "queued", "done": 0, "started_at": None, "finished_at": None},
                    response_only=True,
                    status_codes=["202"],
                )
            ],
        ),
        **_ERRORS,
    },
    "examples": [OpenApiExample("records", {"items": [_RECORD]}, request_only=True, media_type="application/json")],
}
INGEST: Final[dict[str, Any]] = {
    **_COMMON,
    "operation_id": "ingest_records",
    "summary": "Send records",
    "description": _DESCRIPTION,
}
INGEST_BUSINESSES: Final[dict[str, Any]] = {
    **_COMMON,
    "operation_id": "ingest_businesses",
    "summary": "Send records of businesses",
    "description": f"{_DESCRIPTION} Every record is a business here, whatever it says.",
}
BATCH: Final[dict[str, Any]] = {
    "operation_id": "get_ingest_batch",
    "tags": ["ingest"],
    "summary": "Read a batch",
    "description": "How far a batch is, and what became of its records. Keys of the same source and mode see it, and staff. "
    "Lines are kept for 90 days.",
    "parameters": [
        query("limit", "Lines of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next`: lines after that place."),
        query("outcome", "Only lines with this end.", enum=Outcome.values),
        OpenApiParameter("batch_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the answer to the call."),
    ],
    "responses": {
        200: OpenApiResponse(
            BatchPageSerializer,
            description="The batch and a page of lines.",
            examples=[OpenApiExample("batch", {**_BATCH, "items": [_ITEM], "has_more": False, "next": None, "previous": None})],
        ),
        **problems(400, 401, 403, 404),
    },
}
