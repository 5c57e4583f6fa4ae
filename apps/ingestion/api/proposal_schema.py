"""What the OpenAPI document says of proposals."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.core.api.openapi import problem, problems, query
from apps.ingestion.choices import ProposalState
from apps.ingestion.services.folding import RULES

_PROPOSAL: Final[dict[str, Any]] = {
    "id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073991",
    "resource": {"id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073990", "slug": "pharmacie-du-marche", "name": "Exemple – Pharmacie du Marché"},
    "field": "phone", "value": ["+237233420000", "+237699000001"], "current": ["+237699000001"],
    "source": {"name": "Exemple", "licence": "CC BY 4.0"}, "source_url": "https://exemple.cm/pharmacies", "state": "open",
    "created_at": "2026-11-26T17:00:00Z", "decided_at": None,
}  # fmt: skip
_ANY: Final = "A text, a list or an object, as the field has it in an entry; null when nothing."


class ProposalResourceSerializer(serializers.Serializer[Any]):
    """The entry that a proposal is about."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class ProposalSourceSerializer(serializers.Serializer[Any]):
    """Who says so."""

    name = serializers.CharField()
    licence = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    """Another value for a field that its owner fixed. `value` and `current` have the same form."""

    id = serializers.UUIDField()
    resource = ProposalResourceSerializer()
    field = serializers.ChoiceField(choices=[rule.name for rule in RULES])
    value = serializers.JSONField(allow_null=True, help_text=_ANY)
    current = serializers.JSONField(allow_null=True, help_text=_ANY)
    source = ProposalSourceSerializer()  # type: ignore[assignment]  # the name of the wire
    source_url = serializers.CharField(allow_blank=True, help_text="Where it can be read; empty when unknown.")
    state = serializers.ChoiceField(choices=ProposalState.choices)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class ProposalListSerializer(serializers.Serializer[Any]):
    """A page of proposals, newest first."""

    data = ProposalSerializer(many=True)  # type: ignore[assignment]  # the name of the wire
    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def _one(state: str) -> OpenApiResponse:
    decided = {**_PROPOSAL, "state": state, "decided_at": "2026-11-26T18:00:00Z"}
    if state == "accepted":
        decided["current"] = decided["value"]
    return OpenApiResponse(ProposalSerializer, description="As it is now.", examples=[OpenApiExample(state, decided)])


_ID = OpenApiParameter("proposal_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the list.")
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_proposals",
    "tags": ["proposals"],
    "summary": "List proposals for one's entries",
    "description": "What sources say of the caller's own entries where it differs from what he fixed himself. Nothing of it is shown to "
    "anybody until he accepts it. Keys and applications need `resources:write`.",
    "parameters": [
        query("state", "`open` unless said otherwise.", enum=ProposalState.values),
        query("resource", "Only those of this entry.", OpenApiTypes.UUID),
        query("limit", "Proposals of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next`: proposals behind that one.", OpenApiTypes.UUID),
    ],
    "responses": {
        200: OpenApiResponse(
            ProposalListSerializer,
            description="A page.",
            examples=[OpenApiExample("page", {"data": [_PROPOSAL], "has_more": False, "next": None, "previous": None})],
        ),
        **problems(400, 401, 403),
    },
}
ACCEPT: Final[dict[str, Any]] = {
    "operation_id": "accept_proposal",
    "tags": ["proposals"],
    "summary": "Take a proposed value over",
    "description": "Writes the value into the entry as its owner would: of phones all of them, in place of those that are there. The "
    "field stays fixed. Harmless when repeated.",
    "request": None,
    "parameters": [_ID],
    "responses": {
        200: _one("accepted"),
        **problems(400, 401, 403, 404, 422),
        **problem(409, "It was declined, or what it names is no longer there.", "conflict"),
    },
}
DECLINE: Final[dict[str, Any]] = {
    "operation_id": "decline_proposal",
    "tags": ["proposals"],
    "summary": "Put a proposed value away",
    "description": "The same value is not proposed again, whoever says it. Harmless when repeated.",
    "request": None,
    "parameters": [_ID],
    "responses": {
        200: _one("declined"),
        **problems(400, 401, 403, 404),
        **problem(409, "It was accepted.", "conflict"),
    },
}
