"""Batches in the admin: how far, what became of each record, the report as a file, going on after a failure."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.ingestion.admin.looks import Looks, counted, short
from apps.ingestion.admin.reasons import told
from apps.ingestion.choices import Outcome
from apps.ingestion.models import Batch, BatchLine
from apps.ingestion.selectors.batches import every_line
from apps.ingestion.services import batches

if TYPE_CHECKING:
    BatchBase = admin.ModelAdmin[Batch]
    LineBase = admin.ModelAdmin[BatchLine]
else:
    BatchBase = LineBase = admin.ModelAdmin

# A spreadsheet runs what begins with one of these; an apostrophe before it keeps it a text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@admin.register(Batch)
class BatchAdmin(Looks, ReadOnly, BatchBase):
    """Newest first."""

    list_display = ("received_on", "source", "state", "progress", "outcomes")
    list_filter = ("state", "livemode", "source")
    list_select_related = ("source",)
    paginator = BoundedPaginator
    show_full_result_count = False
    fields = (
        "source", "state", "progress", "outcomes", "lines", "error", "sent_by", "user", "livemode", "is_full", "resource_type",
        "created_at", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("progress", "outcomes", "lines")
    actions = ("retry",)

    def get_urls(self) -> list[URLPattern]:
        """And the report."""
        report = path("<uuid:batch_id>/report.csv", self.admin_site.admin_view(self.report), name="ingestion_batch_report")
        return [report, *super().get_urls()]

    @admin.display(description=_("avancement"))
    def progress(self, batch: Batch) -> str:
        """Done of received."""
        share = f" ({100 * batch.done // batch.received} %)" if batch.received else ""
        done, received = (number_format(count, use_l10n=True, force_grouping=True) for count in (batch.done, batch.received))
        return f"{done} / {received}{share}"

    @admin.display(description=_("reçu le"), ordering="created_at")
    def received_on(self, batch: Batch) -> str:
        """Short."""
        return short(batch.created_at)

    @admin.display(description=_("suites"))
    def outcomes(self, batch: Batch) -> SafeString | str:
        """How many records met which end."""
        return counted({outcome: getattr(batch, outcome.value) for outcome in Outcome})

    @admin.display(description=_("lignes"))
    def lines(self, batch: Batch) -> SafeString:
        """Where the lines are."""
        shown = f"{reverse('admin:ingestion_batchline_changelist')}?batch__id__exact={batch.pk}"
        return format_html(
            '<a href="{}">{}</a> · <a href="{}&outcome__exact=rejected">{}</a> · <a href="{}">{}</a>',
            shown, _("Toutes"), shown, _("Refusées"), reverse("admin:ingestion_batch_report", args=[batch.pk]), _("Rapport CSV"),
        )  # fmt: skip

    @admin.action(description=_("Reprendre les lots interrompus"), permissions=["view"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        """Let a worker go on. :raises PermissionDenied: staff who may not change sources."""
        if not request.user.has_perm("ingestion.change_batch"):
            raise PermissionDenied
        before = set(queryset.filter(state="failed").values_list("pk", flat=True))
        count = sum(batches.retry(batch_id=batch_id).state == "queued" for batch_id in before)
        self.message_user(request, ngettext("%(count)s lot repris.", "%(count)s lots repris.", count) % {"count": count}, messages.SUCCESS)

    def report(self, request: HttpRequest, batch_id: Any) -> HttpResponse | StreamingHttpResponse:
        """Every line of a batch, as a file for a spreadsheet. :raises PermissionDenied: staff without the right to see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = get_object_or_404(Batch, pk=batch_id)
        response = StreamingHttpResponse(_report(batch), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="lot-{batch.pk}.csv"'
        return response


class _Echo:
    def write(self, text: str) -> str:
        return text


def _report(batch: Batch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["index", "outcome", "entry", "field", "code", "detail"])
    for index, outcome, resource_id, reasons in every_line(batch):
        start = [index, outcome, resource_id or ""]
        for reason in reasons or [{}]:
            yield writer.writerow([*start, *(_cell(reason.get(name, "")) for name in ("field", "code", "detail"))])


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@admin.register(BatchLine)
class BatchLineAdmin(Looks, ReadOnly, LineBase):
    """Lines of batches; opened from one."""

    list_display = ("index", "outcome", "entry", "received", "why")
    list_filter = ("outcome",)
    list_display_links = None
    ordering = ("batch", "index")
    paginator = BoundedPaginator
    show_full_result_count = False

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:  # not in the menu: nobody reads lines of all batches
        """None for the menu."""
        return {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By batch."""
        return lookup == "batch__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("fiche"))
    def entry(self, line: BatchLine) -> SafeString | str:
        """The entry, when there is one."""
        if line.resource_id is None:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:catalog_resource_change", args=[line.resource_id]), _("ouvrir"))

    @admin.display(description=_("reçu"))
    def received(self, line: BatchLine) -> SafeString | str:
        """The record as it came."""
        if line.record_id is None:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:ingestion_rawrecord_change", args=[line.record_id]), _("voir"))

    @admin.display(description=_("raisons"))
    def why(self, line: BatchLine) -> str:
        """In one line."""
        return told(line.reasons)
