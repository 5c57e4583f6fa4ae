"""Proposals of sources, as owners and staff see them: names instead of ids, beside what the entry shows now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.accounts.callers import Caller
from apps.catalog.choices import HoursKind
from apps.catalog.models import Category, City, Quarter, Resource
from apps.core.exceptions import NotFound
from apps.ingestion.models import Proposal

# Column of an entry for each field that is one text or list.
_COLUMNS = {
    "name": "name", "name_en": "name_en", "description": "description_fr", "description_en": "description_en",
    "address_line1": "address_line1", "po_box": "po_box", "landmark": "landmark_fr", "attributes": "attributes",
    "operating_status": "operating_status",
}  # fmt: skip


# The one interval of a day without end, as records and proposals write it.
ALL_DAY = [["00:00", "00:00"]]


def own_proposals(caller: Caller) -> QuerySet[Proposal]:
    """What sources propose for the entries of a caller, in his mode. What a withdrawn source said counts no more.

    :raises AuthenticationRequired: nobody is logged in.
    """
    entries = {"resource__user": caller.require_user(), "resource__deleted_at": None}
    found = Proposal.objects.filter(**entries, record__source__withdrawn_at=None)
    return found if caller.is_in_person else found.filter(resource__livemode=caller.livemode)


def find_proposal(caller: Caller, proposal_id: uuid.UUID) -> Proposal:
    """One of them. :raises NotFound: there is none, or not for this caller. :raises AuthenticationRequired: nobody is logged in."""
    found = own_proposals(caller).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound
    return found


def proposal_page(
    caller: Caller, *, state: str, resource_id: uuid.UUID | None, after: uuid.UUID | None, limit: int
) -> tuple[list[dict[str, Any]], uuid.UUID | None]:
    """Proposals as the API shows them, newest first, and the last one shown when there are more. Six statements at most."""
    found = own_proposals(caller).filter(state=state)
    if resource_id is not None:
        found = found.filter(resource=resource_id)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(
        found.select_related("resource__category", "resource__city", "resource__quarter", "record__source")
        .defer("record__payload", "record__steps")
        .prefetch_related("resource__contacts", "resource__hours")
        .order_by("-pk")[: limit + 1]
    )
    return proposals_data(rows[:limit]), rows[limit - 1].pk if len(rows) > limit else None


def proposals_data(proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Proposals as the API shows them: `value` is what the source says, `current` what the entry shows, both in the same form."""
    names = _Names(proposals)
    return [
        {
            "id": str(one.pk),
            "resource": {"id": str(one.resource_id), "slug": one.resource.slug, "name": one.resource.name},
            "field": one.field,
            "value": names.shown(one.field, one.value),
            "current": current_value(one.resource, one.field),
            "source": {"name": one.record.source.name, "licence": one.record.source.licence},
            "source_url": str(one.record.clean.get("source_url", "")),
            "state": str(one.state),
            "created_at": one.created_at,
            "decided_at": one.decided_at,
        }
        for one in proposals
    ]


def current_value(resource: Resource, field: str) -> Any:
    """What an entry shows under a proposal's field: a text, a list, an object, or None where it says nothing."""
    if field in {"phone", "email", "website"}:
        values = [contact.value for contact in resource.contacts.all() if contact.kind == field]
        return values if field == "phone" else next(iter(values), None)
    if field in _COLUMNS:
        return getattr(resource, _COLUMNS[field])
    compound = {"category": _category, "city": _place_of, "position": _position, "hours": _hours}.get(field)
    return compound(resource) if compound else None


def _category(resource: Resource) -> str | None:
    return resource.category.slug if resource.category else None


def _place_of(resource: Resource) -> dict[str, str | None] | None:
    return _place(resource.city, resource.quarter)


def _position(resource: Resource) -> dict[str, float] | None:
    if resource.latitude is None or resource.longitude is None:
        return None
    return {"latitude": float(resource.latitude), "longitude": float(resource.longitude)}


def _hours(resource: Resource) -> list[dict[str, Any]]:
    if resource.hours_kind == HoursKind.ALWAYS:
        return hours_rows({str(day): ALL_DAY for day in range(7)})
    week: dict[str, list[list[str]]] = {}
    for one in resource.hours.all():
        spans = week.setdefault(str(one.day_of_week), [])
        if one.open_time is not None and one.close_time is not None:
            spans.append([one.open_time.strftime("%H:%M"), one.close_time.strftime("%H:%M")])
    return hours_rows(week)


def hours_rows(week: dict[str, list[list[str]]]) -> list[dict[str, Any]]:
    """A week as `PUT …/hours` takes it."""
    rows: list[dict[str, Any]] = []
    for day, spans in sorted(week.items()):
        rows += [{"day_of_week": int(day), "open_time": opens, "close_time": closes, "is_closed": False} for opens, closes in spans]
        if not spans:
            rows.append({"day_of_week": int(day), "open_time": None, "close_time": None, "is_closed": True})
    return rows


def _place(city: City | None, quarter: Quarter | None) -> dict[str, str | None] | None:
    return {"city": city.slug, "quarter": quarter.slug if quarter else None} if city else None


class _Names:
    """The categories and places that some proposals name, read at once."""

    def __init__(self, proposals: Iterable[Proposal]) -> None:
        values = [(one.field, one.value) for one in proposals]
        places = [value for field, value in values if field == "city"]
        self._categories = _by_id(Category, [value for field, value in values if field == "category"])
        self._cities = _by_id(City, [place["city_id"] for place in places])
        self._quarters = _by_id(Quarter, [place["quarter_id"] for place in places if place["quarter_id"]])

    def shown(self, field: str, value: Any) -> Any:
        """A stored value in the API's words; None when what it names is no longer there."""
        if field == "category":
            category = self._categories.get(str(value))
            return category.slug if category else None
        if field == "city":
            return _place(self._cities.get(str(value["city_id"])), self._quarters.get(str(value["quarter_id"])))
        return hours_rows(value) if field == "hours" else value


def _by_id(model: Any, ids: Sequence[str]) -> dict[str, Any]:
    return {str(row.pk): row for row in model.objects.filter(pk__in=set(ids))} if ids else {}
