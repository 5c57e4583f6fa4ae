"""Values that sources propose for what a person fixed: taken over, or put away for ever."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.catalog.models import Category, City, Quarter
from apps.catalog.services import hours, resources
from apps.catalog.services.resource_input import read_input
from apps.core.exceptions import Conflict
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import Proposal

# The member of an edit that a field is, where the names differ.
_MEMBERS = {"description": "description_fr"}


@transaction.atomic
def accept(*, proposal_id: uuid.UUID, actor: User, at: dt.datetime) -> Proposal:
    """Write the proposed value as the owner would; the field stays fixed. Harmless when repeated.

    :raises Conflict: it was declined. :raises FieldsInvalid: the entry cannot hold the value any more.
    """
    proposal = _locked(proposal_id)
    if proposal.state == ProposalState.ACCEPTED:
        return proposal
    if proposal.state == ProposalState.DECLINED:
        raise Conflict
    resource = proposal.resource
    if proposal.field == "hours":
        data = hours.read_hours({"hours": _hours_rows(proposal.value)})
        hours.set_hours(resource_id=resource.pk, data=data, at=at, expected_versions=None)
    else:
        checked = read_input(_members(proposal), language="fr", is_new=False, resource_type=resource.resource_type)
        resources.update_resource(resource_id=resource.pk, data=checked, at=at, expected_versions=None)
    return _decide(proposal, ProposalState.ACCEPTED, actor=actor, at=at)


@transaction.atomic
def decline(*, proposal_id: uuid.UUID, actor: User, at: dt.datetime) -> Proposal:
    """Put a value away: the same is not proposed again. Harmless when repeated. :raises Conflict: it was accepted."""
    proposal = _locked(proposal_id)
    if proposal.state == ProposalState.DECLINED:
        return proposal
    if proposal.state == ProposalState.ACCEPTED:
        raise Conflict
    return _decide(proposal, ProposalState.DECLINED, actor=actor, at=at)


def _locked(proposal_id: uuid.UUID) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).select_related("resource").get(pk=proposal_id)


def _decide(proposal: Proposal, state: ProposalState, *, actor: User, at: dt.datetime) -> Proposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor, at
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    return proposal


def _members(proposal: Proposal) -> dict[str, Any]:
    """The body of an edit that writes the value."""
    field, value = proposal.field, proposal.value
    if field == "category":
        return {"category": Category.objects.get(pk=value).slug}
    if field == "city":
        quarter = Quarter.objects.filter(pk=value["quarter_id"]).first() if value["quarter_id"] else None
        return {"city": City.objects.get(pk=value["city_id"]).slug, "quarter": quarter.slug if quarter else None}
    if field == "position":
        return dict(value)
    if field == "phone":
        return {"phone": value[0]}
    return {_MEMBERS.get(field, field): value}


def _hours_rows(week: dict[str, list[list[str]]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for day, spans in week.items():
        rows += [{"day_of_week": int(day), "open_time": opens, "close_time": closes} for opens, closes in spans]
        if not spans:
            rows.append({"day_of_week": int(day), "is_closed": True})
    return rows
