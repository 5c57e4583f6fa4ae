"""Sources in the administration: licence and basis, recipe with a trial, readings, quality, keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.background import BrokerAway, enqueue
from apps.core.charts import Point, StackedBars, stacked_bars
from apps.core.clock import now
from apps.core.exceptions import DomainError, FieldsInvalid
from apps.ingestion.admin.looks import Looks, short
from apps.ingestion.choices import BatchState, SourceKind
from apps.ingestion.forms import IngestKeyForm, SourceForm, TrialForm, UploadForm
from apps.ingestion.models import Batch, Source, SourceKey
from apps.ingestion.selectors.quality import SourceQuality, quality_of
from apps.ingestion.services import fetching, sources, uploads
from apps.ingestion.sources.reading import PAGE_KINDS

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Source]
    Inline = admin.TabularInline[SourceKey, Source]
else:
    Base = admin.ModelAdmin
    Inline = admin.TabularInline


class StateFilter(admin.SimpleListFilter):
    """Whether something is taken from a source."""

    title = gettext_lazy("état")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """The states."""
        return [("open", gettext_lazy("Ouvertes")), ("paused", gettext_lazy("En pause")), ("withdrawn", gettext_lazy("Retirées"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Sources in the chosen state."""
        if self.value() == "open":
            return queryset.filter(paused_at=None, withdrawn_at=None)
        if self.value() == "paused":
            return queryset.filter(paused_at__isnull=False, withdrawn_at=None)
        return queryset.filter(withdrawn_at__isnull=False) if self.value() == "withdrawn" else queryset


class KeysInline(Inline):
    """Keys that speak for a source; each ends where keys end."""

    model = SourceKey
    template = "admin/ingestion/_keys.html"
    extra = 0
    can_delete = False
    fields = readonly_fields = ("key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceKey]:
        """With what is shown of a key."""
        return super().get_queryset(request).select_related("key__user", "source")

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """A page of its own makes them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """A key speaks for one source for ever."""
        return False


@admin.register(Source)
class SourceAdmin(Looks, Base):
    """Where records come from. Nothing is deleted: a source is paused, or withdrawn."""

    form = SourceForm
    list_display = ("name", "kind", "licence", "lawful_basis", "state_word", "last_batch", "next_reading")
    list_filter = (StateFilter, "kind", "lawful_basis", "policy")
    list_per_page = 50
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012  Django's way
    readonly_fields = ("state", "last_run_at", "next_run_at", "last_error", "created_at", "updated_at")
    change_form_template = "admin/ingestion/source_form.html"
    inlines = (KeysInline,)
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "state")}),
        (
            gettext_lazy("Droit"),
            {"fields": (("licence", "licence_url"), "attribution", "lawful_basis", "contact", "expires_at")},
        ),
        (gettext_lazy("Règles"), {"fields": ("policy", "trust", "allowed_fields", "min_quality")}),
        (gettext_lazy("Lecture"), {"fields": ("url", "every_hours", "recipe", ("last_run_at", "next_run_at"), "last_error")}),
        (gettext_lazy("Dates"), {"fields": (("created_at", "updated_at"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        """With the counts of the latest batch."""
        latest = Batch.objects.filter(source=OuterRef("pk"), state=BatchState.DONE).order_by("-created_at")
        return (
            super()
            .get_queryset(request)
            .annotate(batch_received=Subquery(latest.values("received")[:1]), batch_rejected=Subquery(latest.values("rejected")[:1]))
        )

    def get_prepopulated_fields(self, _request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only of a new one: a name that changes leaves the short name as it is."""
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Records point to it."""
        return False

    @admin.display(description=gettext_lazy("état"))
    def state(self, source: Source) -> str:
        """In words, with the reason of a pause."""
        if source.withdrawn_at is None and source.paused_at is not None:
            return _("En pause : %(reason)s") % {"reason": source.pause_reason or "–"}
        return self.state_word(source)

    @admin.display(description=gettext_lazy("état"))
    def state_word(self, source: Source) -> str:
        """In a word or two."""
        if source.withdrawn_at is not None:
            return _("Retirée")
        if source.paused_at is not None:
            return _("En pause")
        if source.run_lease_until is not None and source.run_lease_until > timezone.now():
            return _("En cours de lecture")
        return _("Ouverte")

    @admin.display(description=gettext_lazy("prochaine lecture"), ordering="next_run_at")
    def next_reading(self, source: Source) -> str:
        """Short."""
        return short(source.next_run_at)

    @admin.display(description=gettext_lazy("dernier lot"))
    def last_batch(self, source: Any) -> str:
        """How many of how many were taken."""
        if source.batch_received is None:
            return "–"
        taken = source.batch_received - source.batch_rejected
        return _("%(taken)s sur %(received)s") % {"taken": taken, "received": source.batch_received}

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        """Through the service, which plans the reading."""
        sources.save_source(source=obj, changed=form.changed_data if change else (), at=now())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the quality of the source and what can be done with it."""
        source = self.get_object(request, object_id)
        extra: dict[str, Any] = {}
        if source is not None:
            quality = quality_of(source, at=now())
            extra = {"quality": quality, "chart": _chart(quality), "can_try": source.kind in PAGE_KINDS, "can_read": _can_read(source)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def get_urls(self) -> list[URLPattern]:
        """With a page for each thing that can be done."""
        pages = [
            ("try", self.try_page),
            ("upload", self.upload_page),
            ("key", self.key_page),
            ("withdraw", self.withdraw_page),
            ("do", self.do),
        ]
        return [
            *(path(f"<uuid:source_id>/{name}/", self.admin_site.admin_view(view), name=f"ingestion_source_{name}") for name, view in pages),
            *super().get_urls(),
        ]

    def do(self, request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
        """Read now, pause, resume or take a withdrawal back; POST only."""
        source = self._asked(request, source_id)
        action = request.POST.get("action", "")
        steps: dict[str, Callable[[], str]] = {
            "read": lambda: _read_soon(source),
            "pause": lambda: _paused(source, request.POST.get("reason", "").strip()),
            "resume": lambda: _resumed(source),
            "restore": lambda: _restored(source),
        }
        if request.method != "POST" or action not in steps:
            raise Http404
        try:
            self.message_user(request, steps[action](), messages.SUCCESS)
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
        except BrokerAway:
            self.message_user(request, _("La file d’attente ne répond pas : réessayez dans un instant."), messages.ERROR)
        return _back_to(source)

    def try_page(self, request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
        """One page, read with the recipe as it is stored; nothing is kept of it."""
        source = self._asked(request, source_id)
        if source.kind not in PAGE_KINDS:
            raise Http404
        form = TrialForm(request.POST or None, initial={"url": source.url})
        trial = None
        if form.is_valid():
            trial = fetching.try_page(source=source, url=form.cleaned_data["url"])
        names = list(dict.fromkeys(name for row in trial.rows for name in row)) if trial else []
        table = [[row.get(name, "") for name in names] for row in trial.rows] if trial else []
        return self._page(request, "try_source", source, _("Essayer sur une page"), form=form, trial=trial, names=names, table=table)

    def upload_page(self, request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
        """Take a file; what its columns are is asked on its own page."""
        source = self._asked(request, source_id)
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                upload = uploads.receive(source=source, file=form.cleaned_data["file"], user=_actor(request), at=now())
            except DomainError as error:
                form.add_error("file", str(error.detail))
            else:
                return HttpResponseRedirect(reverse("admin:ingestion_upload_change", args=[upload.pk]))
        return self._page(request, "upload_file", source, _("Importer un fichier"), form=form)

    def key_page(self, request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
        """Make a key that speaks for this source; its secret is on the answer, and nowhere afterwards."""
        source = self._asked(request, source_id)
        if not request.user.has_perm("accounts.change_apikey"):
            raise PermissionDenied
        form = IngestKeyForm(request.POST or None, initial={"email": _actor(request).email, "name": source.name})
        secret = ""
        if form.is_valid():
            try:
                _bound, secret = sources.make_ingest_key(
                    source=source, owner=form.cleaned_data["email"], name=form.cleaned_data["name"], actor=_actor(request), at=now()
                )
            except FieldsInvalid as error:
                for _pointer, _code, said in error.errors:
                    form.add_error(None, str(said))
            except DomainError as error:
                form.add_error(None, str(error.detail))
        response = self._page(request, "make_key", source, _("Créer une clé d’envoi"), form=form, secret=secret)
        response["Cache-Control"] = "private, no-store"
        return response

    def withdraw_page(self, request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
        """Ask before a source is withdrawn, and say what that does."""
        source = self._asked(request, source_id)
        if source.withdrawn_at is not None:
            return _back_to(source)
        if request.method == "POST":
            sources.withdraw_source(source_id=source.pk, at=now())
            self.message_user(request, _("La source est retirée. Ses fiches sont reprises en arrière-plan."), messages.SUCCESS)
            return _back_to(source)
        return self._page(request, "withdraw_source", source, _("Retirer la source"), quality=quality_of(source, at=now()))

    def _asked(self, request: HttpRequest, source_id: uuid.UUID) -> Source:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Source, pk=source_id)

    def _page(self, request: HttpRequest, template: str, source: Source, title: str, **context: Any) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "title": title, "source": source}
        return TemplateResponse(request, f"admin/ingestion/{template}.html", shared | context)


def _chart(quality: SourceQuality) -> StackedBars:
    """The latest batches, oldest first: taken and rejected."""
    return stacked_bars([Point("", "", (one.done - one.rejected, one.rejected)) for one in reversed(quality.batches)])


def _can_read(source: Source) -> bool:
    is_open = source.paused_at is None and source.withdrawn_at is None
    return is_open and source.kind != SourceKind.PUSH and bool(source.url)


def _read_soon(source: Source) -> str:
    enqueue("apps.ingestion.tasks.run_source", source_id=str(source.pk))
    return _("La lecture commence. Ses lots apparaissent plus bas quand elle est finie.")


def _paused(source: Source, reason: str) -> str:
    sources.pause_source(source_id=source.pk, reason=reason or _("Par l’équipe."), at=now())
    return _("La source est en pause.")


def _resumed(source: Source) -> str:
    sources.resume_source(source_id=source.pk, at=now())
    return _("La source est de nouveau ouverte.")


def _restored(source: Source) -> str:
    sources.restore_source(source_id=source.pk, at=now())
    return _("Le retrait est annulé. Ses valeurs reviennent dans les fiches en arrière-plan.")


def _back_to(source: Source) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:ingestion_source_change", args=[source.pk]))


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the administration lets nobody else in
    return request.user
