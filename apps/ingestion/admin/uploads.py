"""Uploaded files in the administration: name the columns, try, import, look how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now
from apps.core.exceptions import DomainError
from apps.ingestion.admin.looks import Looks, counted, short
from apps.ingestion.admin.reasons import told
from apps.ingestion.choices import BatchState, Outcome, UploadState
from apps.ingestion.forms import ColumnsForm
from apps.ingestion.models import Upload
from apps.ingestion.services import uploads

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Upload]
else:
    Base = admin.ModelAdmin


@admin.register(Upload)
class UploadAdmin(Looks, ReadOnly, Base):
    """Newest first. A source's page takes the files."""

    list_display = ("uploaded_on", "name", "source", "state", "rows", "outcomes")
    list_filter = ("state", "source")
    list_select_related = ("source", "batch")
    paginator = BoundedPaginator
    show_full_result_count = False

    @admin.display(description=gettext_lazy("reçu le"), ordering="created_at")
    def uploaded_on(self, upload: Upload) -> str:
        """Short."""
        return short(upload.created_at)

    @admin.display(description=gettext_lazy("suites"))
    def outcomes(self, upload: Upload) -> SafeString | str:
        """What became of its rows, or would."""
        return _outcomes(upload)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One page from the columns to the import. :raises PermissionDenied: staff who may not change sources."""
        if not request.user.has_perm("ingestion.change_source") or not isinstance(request.user, User):
            raise PermissionDenied
        upload = get_object_or_404(Upload.objects.select_related("source", "batch"), pk=object_id)
        form = ColumnsForm(upload, request.POST if request.POST.get("action") == "try" else None)
        if request.method == "POST":
            try:
                if request.POST.get("action") == "take":
                    uploads.take(upload_id=upload.pk, user=request.user, at=now())
                elif form.is_valid():
                    uploads.choose(upload_id=upload.pk, mapping=form.mapping, is_full=form.cleaned_data["is_full"], at=now())
            except DomainError as error:
                self.message_user(request, str(error.detail), messages.ERROR)
            if not form.errors:
                return HttpResponseRedirect(reverse("admin:ingestion_upload_change", args=[upload.pk]))
        return TemplateResponse(request, "admin/ingestion/upload.html", self._context(request, upload, form))

    def _context(self, request: HttpRequest, upload: Upload, form: ColumnsForm) -> dict[str, Any]:
        batch = upload.batch
        return {
            **self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "title": upload.name, "upload": upload,
            "source": upload.source, "form": form, "batch": batch, "outcomes": _outcomes(upload),
            "columns": [
                (form[f"c{place}"], column["samples"]) for place, column in enumerate(upload.columns)
            ] if upload.file and upload.state != UploadState.CHECKING else [],
            "is_trying": upload.state == UploadState.CHECKING,
            "is_running": batch is not None and batch.state in {BatchState.QUEUED, BatchState.RUNNING},
            "can_take": upload.state == UploadState.CHECKED,
            "refused": [{**one, "told": told(one["reasons"])} for one in upload.refused],
            "remarks": sorted(upload.remarks.items(), key=lambda said: -said[1]),
            "rejected": upload.counts.get(Outcome.REJECTED.value, 0),
        }  # fmt: skip


def _outcomes(upload: Upload) -> SafeString | str:
    if upload.batch is not None:
        return counted({outcome: getattr(upload.batch, outcome.value) for outcome in Outcome})
    return counted({outcome: int(upload.counts.get(outcome.value, 0)) for outcome in Outcome})
