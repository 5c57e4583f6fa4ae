"""Synonyms in the admin: drafts, a page to try them on, publication, and its history with undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.search import services
from apps.search.analysis import folded
from apps.search.forms import SynonymGroupForm, TrialForm
from apps.search.models import SynonymChange, SynonymGroup, SynonymPublication
from apps.search.selectors.trying import QUERIES_MAX, Trial, recorded_queries, synonym_groups, try_synonyms, waiting

if TYPE_CHECKING:
    from apps.accounts.models import User

    GroupBase = admin.ModelAdmin[SynonymGroup]
    PublicationBase = admin.ModelAdmin[SynonymPublication]
    Inline = admin.TabularInline[Any, Any]
else:
    GroupBase = PublicationBase = admin.ModelAdmin
    Inline = admin.TabularInline

WITHDRAWAL = "withdraw"


class StateFilter(admin.SimpleListFilter):
    """What a group is to searches."""

    title = _("état")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """The states."""
        return [("waiting", _("À publier")), ("published", _("En service")), ("withdrawn", _("Retirés"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Groups in the chosen state."""
        states = {"waiting": waiting(), "published": Q(published__isnull=False), "withdrawn": Q(published=None, was_published=True)}
        return queryset.filter(states[self.value() or ""]) if self.value() in states else queryset


class HistoryInline(Inline):
    """Publications that changed a group, or groups that a publication changed."""

    model = SynonymChange
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Only publications make them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Append-only."""
        return False

    @admin.display(description=_("avant"))
    def before_words(self, change: SynonymChange) -> str:
        """As a line."""
        return ", ".join(change.before or ()) or "–"

    @admin.display(description=_("après"))
    def after_words(self, change: SynonymChange) -> str:
        """As a line."""
        return ", ".join(change.after or ()) or "–"


class GroupHistory(HistoryInline):
    """Of a group: when and by whom."""

    fields = ("publication", "at", "actor", "before_words", "after_words")
    readonly_fields = ("publication", "at", "actor", "before_words", "after_words")
    ordering = ("-publication",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the publications."""
        return super().get_queryset(request).select_related("publication__actor", "group")

    @admin.display(description=_("le"))
    def at(self, change: SynonymChange) -> str:
        """When."""
        return date_format(timezone.localtime(change.publication.at), "DATETIME_FORMAT")

    @admin.display(description=_("par"))
    def actor(self, change: SynonymChange) -> str:
        """Who; nobody for what shipped."""
        return str(change.publication.actor or "–")


class PublicationChanges(HistoryInline):
    """Of a publication: which groups."""

    fields = ("group_key", "before_words", "after_words")
    readonly_fields = ("group_key", "before_words", "after_words")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the groups."""
        return super().get_queryset(request).select_related("group")

    @admin.display(description=_("groupe"))
    def group_key(self, change: SynonymChange) -> str:
        """Its key."""
        return change.group.key


@admin.register(SynonymGroup)
class SynonymGroupAdmin(GroupBase):
    """What is typed here is a draft: searches change when it is published."""

    form = SynonymGroupForm
    list_display = ("key", "phrases", "state", "updated_at", "updated_by")
    list_filter = (StateFilter,)
    list_select_related = ("updated_by",)
    list_per_page = 50
    search_fields = ("key",)
    search_help_text = _("Un mot du groupe, ou sa clé")
    fields = ("key", "words", "in_service", ("updated_at", "updated_by"))
    readonly_fields = ("in_service", "updated_at", "updated_by")
    inlines = (GroupHistory,)
    actions = ("try_them", "publish", "try_without", "withdraw", "discard")
    change_list_template = "admin/search/synonym_list.html"

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A key is chosen once."""
        return ("key", *self.readonly_fields) if obj else tuple(self.readonly_fields)

    def get_prepopulated_fields(self, _request: HttpRequest, _obj: Any = None) -> dict[str, Any]:
        """None: a key is typed."""
        return {}

    def get_queryset(self, _request: HttpRequest) -> QuerySet[SynonymGroup]:
        """With what their state is told from."""
        return synonym_groups()

    def get_search_results(self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Groups with the term in a phrase, accents and capitals aside; there are a few hundred."""
        term = folded(search_term)
        if not term:
            return queryset, False
        found = [
            pk
            for pk, key, words in SynonymGroup.objects.values_list("pk", "key", "words")
            if search_term.strip() in key or any(term in folded(word) for word in words)
        ]
        return queryset.filter(pk__in=found), False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was never in service; the rest is withdrawn."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.was_published)

    @admin.display(description=_("mots et expressions"))
    def phrases(self, group: SynonymGroup) -> str:
        """As a line."""
        return ", ".join(group.words)

    @admin.display(description=_("état"))
    def state(self, group: Any) -> Any:
        """What it is to searches."""
        if group.published is not None:
            return _("En service, brouillon modifié") if group.is_pending else _("En service")
        return _("Retiré") if group.was_published else _("Brouillon")

    @admin.display(description=_("en service"))
    def in_service(self, group: SynonymGroup) -> str:
        """What searches use now."""
        return ", ".join(group.published or ()) or "–"

    def save_model(self, request: HttpRequest, obj: SynonymGroup, form: Any, change: bool) -> None:
        """Save the draft through the service."""
        services.save_group(group=obj, actor=_actor(request), at=now())

    @admin.action(description=_("Essayer…"), permissions=["change"])
    def try_them(self, _request: HttpRequest, queryset: QuerySet[SynonymGroup]) -> HttpResponse:
        """To the page that compares."""
        return _to_trial(queryset)

    @admin.action(description=_("Essayer sans eux…"), permissions=["change"])
    def try_without(self, _request: HttpRequest, queryset: QuerySet[SynonymGroup]) -> HttpResponse:
        """To the page that compares, for a withdrawal."""
        return _to_trial(queryset, mode=WITHDRAWAL)

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[SynonymGroup]) -> None:
        """Put the drafts in service."""
        self._report(request, services.publish_groups(group_ids=_ids(queryset), actor=_actor(request), at=now()))

    @admin.action(description=_("Retirer du service"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[SynonymGroup]) -> None:
        """Take them out of service."""
        self._report(request, services.withdraw_groups(group_ids=_ids(queryset), actor=_actor(request), at=now()))

    @admin.action(description=_("Abandonner le brouillon"), permissions=["change"])
    def discard(self, request: HttpRequest, queryset: QuerySet[SynonymGroup]) -> None:
        """Bring drafts back to what is in service."""
        count = services.discard_drafts(group_ids=_ids(queryset), actor=_actor(request), at=now())
        text = ngettext("%(count)s brouillon abandonné.", "%(count)s brouillons abandonnés.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        """With the page that compares."""
        return [path("try/", self.admin_site.admin_view(self.try_page), name="search_try_synonyms"), *super().get_urls()]

    def try_page(self, request: HttpRequest) -> HttpResponse:
        """Queries before and after; POST publishes or withdraws what is tried."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        is_withdrawal = asked.get("mode") == WITHDRAWAL
        keys = asked.getlist("group")
        is_named = bool(keys) or request.method == "POST"
        chosen = list(self.get_queryset(request).filter(Q(key__in=keys) if is_named else waiting()))
        if request.method == "POST":
            change = services.withdraw_groups if is_withdrawal else services.publish_groups
            self._report(request, change(group_ids=[group.pk for group in chosen], actor=_actor(request), at=now()))
            return HttpResponseRedirect(reverse("admin:search_synonymgroup_changelist"))
        if "recorded" in request.GET:
            form = TrialForm({"queries": "\n".join(recorded_queries(last=timezone.localdate(now())))})
        else:
            form = TrialForm(request.GET if "queries" in request.GET else {"queries": _queries_of(chosen)})
        trials: list[Trial] = []
        if form.is_valid() and chosen:
            trials = try_synonyms(
                form.cleaned_data["queries"], group_ids=[group.pk for group in chosen], is_withdrawal=is_withdrawal,
                language=get_language() or "fr", at=now(),
            )  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "title": _("Essayer des synonymes"), "opts": self.opts, "media": self.media,
            "form": form, "groups": chosen, "mode": WITHDRAWAL if is_withdrawal else "", "trials": trials,
        }  # fmt: skip
        return TemplateResponse(request, "admin/search/try_synonyms.html", context)

    def _report(self, request: HttpRequest, publication: SynonymPublication | None) -> None:
        if publication is None:
            self.message_user(request, _("Rien à changer : ces groupes sont déjà ainsi."), messages.WARNING)
            return
        count = publication.changes.count()
        text = ngettext(
            "%(count)s groupe changé. Les recherches en tiennent compte dans la minute.",
            "%(count)s groupes changés. Les recherches en tiennent compte dans la minute.",
            count,
        ) % {"count": count}  # fmt: skip
        self.message_user(request, text, messages.SUCCESS)


@admin.register(SynonymPublication)
class SynonymPublicationAdmin(PublicationBase):
    """Who put what in service, and when; a publication is undone here."""

    list_display = ("id", "at", "kind", "group_count", "actor", "undoes", "undone_by")
    list_filter = ("kind",)
    list_select_related = ("actor", "undoes", "undone_by")
    fields = ("id", "at", "kind", "actor", "undoes", "undone_by")
    readonly_fields = ("undone_by",)
    inlines = (PublicationChanges,)
    actions = ("undo",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SynonymPublication]:
        """With the number of groups."""
        return super().get_queryset(request).annotate(groups=Count("changes")).order_by(F("pk").desc())

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Publishing makes them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Append-only."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Append-only."""
        return False

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Who may publish."""
        return request.user.has_perm("search.change_synonymgroup")

    @admin.display(description=_("groupes"), ordering="groups")
    def group_count(self, publication: Any) -> int:
        """How many it changed."""
        return int(publication.groups)

    @admin.display(description=_("annulée par"))
    def undone_by(self, publication: SynonymPublication) -> str:
        """The publication that undid it."""
        undone_by = getattr(publication, "undone_by", None)
        return "–" if undone_by is None else str(undone_by)

    @admin.action(description=_("Annuler ces publications"), permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[SynonymPublication]) -> None:
        """The latest first: each can rest on the one before."""
        for pk in list(queryset.order_by("-pk").values_list("pk", flat=True)):
            try:
                services.undo_publication(publication_id=pk, actor=_actor(request), at=now())
            except DomainError as error:
                self.message_user(request, f"{pk} : {error.detail}", messages.ERROR)
            else:
                self.message_user(request, _("Publication %(number)s annulée.") % {"number": pk}, messages.SUCCESS)


def _actor(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the administration lets nobody else in


def _ids(queryset: QuerySet[SynonymGroup]) -> list[Any]:
    return list(queryset.values_list("pk", flat=True))


def _to_trial(queryset: QuerySet[SynonymGroup], *, mode: str = "") -> HttpResponse:
    values = [("group", key) for key in queryset.values_list("key", flat=True)]
    return HttpResponseRedirect(f"{reverse('admin:search_try_synonyms')}?{urlencode([*values, ('mode', mode)])}")


def _queries_of(groups: list[Any]) -> str:
    """What the drafts are about: the first phrases of each."""
    phrases = [phrases for group in groups for phrases in zip(group.words, range(2), strict=False)]
    return "\n".join(phrase for phrase, _number in phrases[:QUERIES_MAX])
