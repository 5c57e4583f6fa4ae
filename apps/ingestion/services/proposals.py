"""Values that sources propose for what a person fixed: taken over, or put away for ever."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalog.choices import ContactKind, HoursKind
from apps.catalog.models import Category, City, Quarter, Resource
from apps.catalog.services import hours, resources
from apps.catalog.services.records import lock_resource
from apps.catalog.services.resource_input import read_input
from apps.core.exceptions import Conflict
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import Proposal
from apps.ingestion.selectors.proposals import ALL_DAY, hours_rows

# The member of an edit that a field is, where the names differ.
_MEMBERS = {"description": "description_fr"}


@transaction.atomic
def accept(*, proposal_id: uuid.UUID, actor: User, at: dt.datetime) -> Proposal:
    """Write the proposed value as the owner would; the field stays fixed. Harmless when repeated.

    :raises Conflict: it was declined, its source is withdrawn, or what it names is no longer there.
    :raises FieldsInvalid: the entry cannot hold the value any more.
    """
    proposal = _locked(proposal_id)
    if proposal.state == ProposalState.ACCEPTED:
        return proposal
    if proposal.state == ProposalState.DECLINED:
        raise Conflict(_("Cette proposition a déjà été écartée."))
    if proposal.record.source.withdrawn_at is not None:
        raise Conflict(_("La source de cette proposition a été retirée."))
    resource = proposal.resource
    if proposal.field == "hours":
        _set_hours(resource, proposal.value, at=at)
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
        raise Conflict(_("Cette proposition a déjà été reprise dans la fiche."))
    return _decide(proposal, ProposalState.DECLINED, actor=actor, at=at)


def _locked(proposal_id: uuid.UUID) -> Proposal:
    """The entry's lock before the proposal's: the order of merges and of the pipeline."""
    lock_resource(Proposal.objects.values_list("resource_id", flat=True).get(pk=proposal_id))
    return Proposal.objects.select_for_update(of=("self",)).select_related("resource", "record__source").get(pk=proposal_id)


def _decide(proposal: Proposal, state: ProposalState, *, actor: User, at: dt.datetime) -> Proposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor, at
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    return proposal


def _set_hours(resource: Resource, week: dict[str, list[list[str]]], *, at: dt.datetime) -> None:
    """The week alone: particular days and the rule for holidays are not what the source spoke of."""
    is_always = len(week) == 7 and all(spans == ALL_DAY for spans in week.values())
    asked = {"hours_kind": HoursKind.ALWAYS} if is_always else {"hours_kind": HoursKind.WEEKLY, "hours": hours_rows(week)}
    data = hours.read_hours(asked)
    data.holiday_policy = resource.holiday_policy
    days = resource.special_days.values_list("date", "open_time", "close_time", "is_closed", "note")
    data.special_days = list(days)
    hours.set_hours(resource_id=resource.pk, data=data, at=at, expected_versions=None)


def _members(proposal: Proposal) -> dict[str, Any]:
    """The body of an edit that writes the value."""
    field, value = proposal.field, proposal.value
    if field == "category":
        return {"category": _named(Category, value).slug}
    if field == "city":
        quarter = _named(Quarter, value["quarter_id"]).slug if value["quarter_id"] else None
        return {"city": _named(City, value["city_id"]).slug, "quarter": quarter}
    if field == "position":
        return {**value, "country": proposal.resource.country_id}
    if field == "phone":
        return {"contacts": _contacts_with_phones(proposal.resource, value)}
    return {_MEMBERS.get(field, field): value}


def _named(model: Any, pk: str) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise Conflict(_("Ce que la proposition nomme n’existe plus : écartez-la."))
    return found


def _contacts_with_phones(resource: Resource, phones: list[str]) -> list[dict[str, Any]]:
    """The contacts with exactly these numbers, the first one primary; a number that takes messages goes on doing so."""
    stored: list[dict[str, Any]] = [dict(row) for row in resource.contacts.values("kind", "value", "is_whatsapp", "is_primary")]
    on_whatsapp = {row["value"] for row in stored if row["is_whatsapp"]}
    own = [
        {"kind": ContactKind.PHONE.value, "value": phone, "is_whatsapp": phone in on_whatsapp, "is_primary": order == 0}
        for order, phone in enumerate(phones)
    ]
    return own + [row for row in stored if row["kind"] != ContactKind.PHONE]
