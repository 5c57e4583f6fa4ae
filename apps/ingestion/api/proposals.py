"""What sources propose for entries, decided by their owners. Each path is one class."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.http import HttpResponse, JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import caller_of
from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.core.api.pagination import address_of
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.ingestion.api import proposal_schema
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import Proposal
from apps.ingestion.selectors.proposals import find_proposal, proposal_page, proposals_data
from apps.ingestion.services import proposals


class ProposalListView(ApiView):
    """Proposals for the caller's entries."""

    read_scope = Scope.RESOURCES_WRITE.value
    reads_query = True

    @extend_schema(**proposal_schema.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page, newest first."""
        caller = caller_of(request)
        caller.require(Scope.RESOURCES_WRITE)
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        params = Params(django_request.GET)
        limit, state = params.limit(), params.choice("state", ProposalState.values) or ProposalState.OPEN
        resource_id, after = params.uuid("resource"), params.uuid("cursor")
        params.finish()
        data, following = proposal_page(caller, state=state, resource_id=resource_id, after=after, limit=limit)
        address = f"{address_of(django_request, limit=limit)}&cursor={following}" if following else None
        return JsonResponse({"data": data, "has_more": address is not None, "next": address, "previous": None})


class _DecisionView(ApiView):
    """POST of a decision."""

    def _decide(self, request: Request, proposal_id: uuid.UUID, decide: Callable[..., Proposal]) -> HttpResponse:
        caller = caller_of(request)
        actor: User = caller.require(Scope.RESOURCES_WRITE)
        proposal = find_proposal(caller, proposal_id)
        at: dt.datetime = now()
        decide(proposal_id=proposal.pk, actor=actor, at=at)
        return JsonResponse(proposals_data([find_proposal(caller, proposal_id)])[0])


class AcceptProposalView(_DecisionView):
    """Take over."""

    @extend_schema(**proposal_schema.ACCEPT)
    def post(self, request: Request, proposal_id: uuid.UUID) -> HttpResponse:
        """Write the value into the entry."""
        return self._decide(request, proposal_id, proposals.accept)


class DeclineProposalView(_DecisionView):
    """Put away."""

    @extend_schema(**proposal_schema.DECLINE)
    def post(self, request: Request, proposal_id: uuid.UUID) -> HttpResponse:
        """Never propose the same value again."""
        return self._decide(request, proposal_id, proposals.decline)
