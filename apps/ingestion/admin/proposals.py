"""Proposals in the admin: what the entry shows beside what a source says, taken over or put away."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_actions import for_each
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now
from apps.ingestion.admin.looks import Looks, field_word, short, value_words
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import Proposal
from apps.ingestion.selectors.proposals import proposals_data
from apps.ingestion.services import proposals

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Proposal]
else:
    Base = admin.ModelAdmin

ACTION_MAX = 500


@admin.register(Proposal)
class ProposalAdmin(Looks, ReadOnly, Base):
    """Open ones first, by the filter."""

    list_display = ("resource", "field_name", "shown", "proposed", "source", "state", "received_on")
    list_filter = ("state", "field")
    list_per_page = 50
    raw_id_fields = ("resource", "record")
    fields = ("resource", "field_name", "shown", "proposed", "source", "record", "state", "decided_by", "decided_at", "created_at")
    readonly_fields = ("field_name", "shown", "proposed", "source")
    paginator = BoundedPaginator
    show_full_result_count = False
    actions = ("take_over", "put_away")
    change_form_template = "admin/ingestion/proposal_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """With what the entry shows."""
        whole = super().get_queryset(request).select_related("resource__category", "resource__city", "resource__quarter", "record__source")
        return whole.defer("record__payload", "record__steps").prefetch_related("resource__contacts", "resource__hours")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A page in words; names of categories and places are read for all of it at once."""
        page: Any = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        for proposal, told in zip(page.result_list, proposals_data(page.result_list), strict=True):
            proposal.told = told
        return page

    def get_urls(self) -> list[URLPattern]:
        """And the decision on one."""
        decide = path("<uuid:proposal_id>/decide/", self.admin_site.admin_view(self.decide), name="ingestion_proposal_decide")
        return [decide, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """With both decisions, for who may take them."""
        found = self.get_object(request, object_id)
        can_decide = found is not None and found.state == ProposalState.OPEN and request.user.has_perm("ingestion.change_proposal")
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "can_decide": can_decide})

    @admin.display(description=_("champ"), ordering="field")
    def field_name(self, proposal: Proposal) -> str:
        """In a word."""
        return field_word(proposal.field)

    @admin.display(description=_("dans la fiche"))
    def shown(self, proposal: Any) -> SafeString | str:
        """What the entry shows now."""
        return value_words(proposal.field, _told(proposal)["current"])

    @admin.display(description=_("valeur proposée"))
    def proposed(self, proposal: Any) -> SafeString | str:
        """What the source says."""
        return value_words(proposal.field, _told(proposal)["value"])

    @admin.display(description=_("source"))
    def source(self, proposal: Proposal) -> str:
        """Who says so."""
        return str(proposal.record.source)

    @admin.display(description=_("proposée le"), ordering="created_at")
    def received_on(self, proposal: Proposal) -> str:
        """Short."""
        return short(proposal.created_at)

    @admin.action(description=_("Reprendre la valeur dans la fiche"), permissions=["view"])
    def take_over(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        """Write the value."""
        self._each(request, queryset, proposals.accept)

    @admin.action(description=_("Écarter la valeur"), permissions=["view"])
    def put_away(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> None:
        """Never propose it again."""
        self._each(request, queryset, proposals.decline)

    def decide(self, request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponseRedirect:
        """Take over or put away one, then show the next open one; POST only. :raises PermissionDenied: as the actions."""
        decisions = {"accept": proposals.accept, "decline": proposals.decline}
        decision = request.POST.get("decision", "")
        if request.method != "POST" or decision not in decisions:
            raise Http404
        proposal = get_object_or_404(Proposal, pk=proposal_id)
        if not self._each(request, Proposal.objects.filter(pk=proposal.pk), decisions[decision]):
            return HttpResponseRedirect(reverse("admin:ingestion_proposal_change", args=[proposal.pk]))
        following = Proposal.objects.filter(state=ProposalState.OPEN).order_by("-created_at", "-pk").values_list("pk", flat=True).first()
        target = "admin:ingestion_proposal_change" if following else "admin:ingestion_proposal_changelist"
        return HttpResponseRedirect(reverse(target, args=[following] if following else []))

    def _each(self, request: HttpRequest, queryset: QuerySet[Proposal], decide: Callable[..., Any]) -> int:
        if not request.user.has_perm("ingestion.change_proposal"):
            raise PermissionDenied
        at = now()

        def call(proposal: Proposal) -> None:
            decide(proposal_id=proposal.pk, actor=request.user, at=at)

        if count := for_each(self, request, queryset[:ACTION_MAX], call, messages.WARNING):
            text = ngettext("%(count)s proposition traitée.", "%(count)s propositions traitées.", count)
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return count


def _told(proposal: Any) -> dict[str, Any]:
    """The proposal in words, from the list's page or read now."""
    if not hasattr(proposal, "told"):
        proposal.told = proposals_data([proposal])[0]
    told: dict[str, Any] = proposal.told
    return told
