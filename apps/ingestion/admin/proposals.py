"""Proposals in the admin: take over or put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.ingestion.admin.read_only import ReadOnly
from apps.ingestion.models import Proposal
from apps.ingestion.services import proposals

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Proposal]
else:
    Base = admin.ModelAdmin

ACTION_MAX = 500


@admin.register(Proposal)
class ProposalAdmin(ReadOnly, Base):
    """Open ones first, by the filter."""

    list_display = ("resource", "field", "value", "source", "state", "created_at")
    list_filter = ("state", "field")
    list_select_related = ("resource", "record__source")
    raw_id_fields = ("resource", "record")
    fields = ("resource", "field", "value", "source", "state", "decided_by", "decided_at", "created_at")
    readonly_fields = ("source",)
    paginator = BoundedPaginator
    show_full_result_count = False
    actions = ("take_over", "put_away")

    @admin.display(description=_("source"))
    def source(self, proposal: Proposal) -> str:
        """Who says so."""
        return str(proposal.record.source)

    @admin.action(description=_("Reprendre la valeur dans la fiche"), permissions=["view"])
    def take_over(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        """Write the value."""
        self._each(request, queryset, proposals.accept)

    @admin.action(description=_("Écarter la valeur"), permissions=["view"])
    def put_away(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        """Never propose it again."""
        self._each(request, queryset, proposals.decline)

    def _each(self, request: HttpRequest, queryset: QuerySet[Proposal], decide: Callable[..., Any]) -> None:
        if not request.user.has_perm("ingestion.change_proposal"):
            raise PermissionDenied
        at, count = now(), 0
        for proposal in queryset[:ACTION_MAX]:
            try:
                decide(proposal_id=proposal.pk, actor=request.user, at=at)
            except DomainError as error:
                self.message_user(request, f"{proposal} : {error.detail}", messages.WARNING)
            else:
                count += 1
        text = ngettext("%(count)s proposition traitée.", "%(count)s propositions traitées.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
