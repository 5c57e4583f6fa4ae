"""The review of pairs that may be one place, and merges with their undoing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.admin_actions import for_each
from apps.core.admin_lists import BoundedPaginator
from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.ingestion.admin.looks import Looks
from apps.ingestion.choices import Verdict
from apps.ingestion.models import Merge, Pair
from apps.ingestion.selectors.pair_pages import PLAN_HEIGHT, PLAN_WIDTH, next_pair, pair_page, waiting_pairs
from apps.ingestion.services import decisions, merges

if TYPE_CHECKING:
    PairBase = admin.ModelAdmin[Pair]
    MergeBase = admin.ModelAdmin[Merge]
else:
    PairBase = MergeBase = admin.ModelAdmin

ACTION_MAX = 200


class StateFilter(admin.SimpleListFilter):
    """The queue unless another verdict is asked for."""

    title = _("avis")
    parameter_name = "verdict"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Verdicts; the queue is the empty choice."""
        return [(Verdict.SAME.value, Verdict.SAME.label), (Verdict.DIFFERENT.value, Verdict.DIFFERENT.label), ("all", _("Tous"))]

    def choices(self, changelist: Any) -> Any:
        """Name the empty choice."""
        for index, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": Verdict.ASK.label} if index == 0 else choice

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Pairs of that verdict."""
        if self.value() == "all":
            return queryset
        if self.value():
            return queryset.filter(verdict=self.value())
        return queryset.filter(pk__in=waiting_pairs().values("pk"))


class _Watched:
    """Rows that services write."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """No."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False


@admin.register(Pair)
class PairAdmin(Looks, _Watched, PairBase):
    """The queue of pairs, best score first."""

    list_display = ("first", "second", "city", "percent", "verdict", "decided_by")
    list_filter = (StateFilter,)
    list_select_related = ("first__city", "second", "decided_by")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-score", "id")
    actions = ("merge_all", "keep_apart")

    @admin.display(description=_("ville"))
    def city(self, pair: Pair) -> str:
        """Town of the first entry."""
        return str(pair.first.city or "")

    @admin.display(description=_("score"), ordering="score")
    def percent(self, pair: Pair) -> str:
        """As a share."""
        return f"{100 * pair.score:.0f} %"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Both entries side by side; a decision leads to the next pair."""
        try:
            page = pair_page(uuid.UUID(object_id))
        except ValueError:
            page = None
        if page is None:
            raise Http404
        if not self.has_view_permission(request, page.pair):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request, page.pair):
                raise PermissionDenied
            return self._decide(request, page.pair)
        context = {
            **self.admin_site.each_context(request), "title": _("Même lieu ?"), "page": page, "opts": self.opts, "media": self.media,
            "plan_width": PLAN_WIDTH, "plan_height": PLAN_HEIGHT, "can_decide": self.has_change_permission(request, page.pair),
            "queue_url": reverse("admin:ingestion_pair_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/ingestion/review_pair.html", context)

    def _decide(self, request: HttpRequest, pair: Pair) -> HttpResponse:
        """One decision, then the next pair; a refusal shows this one again."""
        choices: dict[str, tuple[Callable[..., object], Any]] = {
            "same": (decisions.decide_same, _("Les deux fiches n’en font plus qu’une.")),
            "different": (decisions.decide_different, _("Ce sont deux lieux : la question ne revient plus.")),
            "undo": (decisions.reopen_pair, _("La décision est défaite.")),
        }
        following = next_pair(pair)
        decision = request.POST.get("decision", "")
        if decision in choices:
            call, text = choices[decision]
            try:
                call(pair_id=pair.pk, actor=_actor(request), at=now())
            except DomainError as error:
                self.message_user(request, str(error.detail), messages.ERROR)
                return HttpResponseRedirect(request.path)
            self.message_user(request, str(text), messages.SUCCESS)
        if decision == "undo":
            return HttpResponseRedirect(request.path)
        target = reverse("admin:ingestion_pair_change", args=[following]) if following else reverse("admin:ingestion_pair_changelist")
        return HttpResponseRedirect(target)

    @admin.action(description=_("Même lieu : fondre"), permissions=["change"])
    def merge_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Merge the chosen pairs."""
        _each(self, request, queryset, lambda pair: decisions.decide_same(pair_id=pair.pk, actor=_actor(request), at=now()))

    @admin.action(description=_("Lieux différents"), permissions=["change"])
    def keep_apart(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Say that the chosen pairs are two places each."""
        _each(self, request, queryset, lambda pair: decisions.decide_different(pair_id=pair.pk, actor=_actor(request), at=now()))


@admin.register(Merge)
class MergeAdmin(Looks, _Watched, MergeBase):
    """Merges, newest first, with their undoing."""

    list_display = ("survivor", "absorbed", "merged_by", "merged_at", "undone_at", "undone_by")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("survivor", "absorbed", "merged_by", "undone_by")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    fields = ("survivor", "absorbed", "pair", "merged_by", "merged_at", "undone_by", "undone_at")
    readonly_fields = fields
    actions = ("undo",)

    @admin.action(description=_("Défaire"), permissions=["change"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Undo the chosen merges, the latest first, so that a chain comes apart from its end."""
        ordered = queryset.order_by("-merged_at")
        _each(self, request, ordered, lambda merge: merges.undo_merge(merge_id=merge.pk, at=now(), actor=_actor(request)))


def _each(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any], call: Callable[[Any], object]) -> None:
    """Call a service for each chosen row and report; one refusal does not stop the others."""
    if done := for_each(model_admin, request, queryset[:ACTION_MAX], call):
        text = ngettext("%(count)s décision prise.", "%(count)s décisions prises.", done) % {"count": done}
        model_admin.message_user(request, text, messages.SUCCESS)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
