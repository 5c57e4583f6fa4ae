"""Records in the admin: as they were received, what each step did, what became of them, taking them again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now
from apps.ingestion.admin.looks import Looks, short
from apps.ingestion.admin.reasons import told
from apps.ingestion.models import RawRecord
from apps.ingestion.services import replay

if TYPE_CHECKING:
    Base = admin.ModelAdmin[RawRecord]
else:
    Base = admin.ModelAdmin

REPLAY_MAX, SHOWN_BYTES = 1000, 100_000


@admin.register(RawRecord)
class RawRecordAdmin(Looks, ReadOnly, Base):
    """The quarantine is the filter "mis de côté"."""

    list_display = ("identity", "origin", "source", "outcome", "is_quarantined", "why", "received_on")
    list_filter = ("is_quarantined", "outcome", "livemode", "source")
    list_select_related = ("source",)
    search_fields = ("identity__startswith",)
    ordering = ("-id",)
    paginator = BoundedPaginator
    show_full_result_count = False
    fields = (
        "source", "origin", "identity", "livemode", "outcome", "why", "is_quarantined", "resource", "received", "history", "understood",
        "rules_version", "missed_refreshes", "first_seen_at", "seen_at", "changed_at", "versions",
    )  # fmt: skip
    readonly_fields = ("why", "received", "history", "understood", "versions")
    raw_id_fields = ("resource",)
    actions = ("take_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RawRecord]:
        """Lists do without the bytes."""
        return super().get_queryset(request).defer("payload", "clean", "steps")

    @admin.display(description=_("raisons"))
    def why(self, record: RawRecord) -> str:
        """In one line."""
        return told(record.reasons)

    @admin.display(description=_("vu le"), ordering="seen_at")
    def received_on(self, record: RawRecord) -> str:
        """Short."""
        return short(record.seen_at)

    @admin.display(description=_("tel que reçu"))
    def received(self, record: RawRecord) -> SafeString:
        """The bytes as text, never as markup."""
        return _text(bytes(record.payload))

    @admin.display(description=_("étapes"))
    def history(self, record: RawRecord) -> SafeString | str:
        """What each step changed."""
        if not record.steps:
            return "–"
        rows = ((step.get("name", ""), step.get("field", ""), step.get("before", ""), step.get("after", "")) for step in record.steps)
        return format_html(
            "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>",
            _("étape"), _("champ"), _("avant"), _("après"),
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )  # fmt: skip

    @admin.display(description=_("nettoyé"))
    def understood(self, record: RawRecord) -> SafeString:
        """What the steps made of it."""
        return format_html("<pre>{}</pre>", json.dumps(record.clean, ensure_ascii=False, indent=2))

    @admin.display(description=_("versions antérieures"))
    def versions(self, record: RawRecord) -> SafeString | str:
        """Older bytes, newest first."""
        former = [(version.seen_at, _text(bytes(version.payload))) for version in record.former.all()[:10]]
        return format_html_join("", "<p>{}</p>{}", former) or "–"

    @admin.action(description=_("Reprendre avec les règles d’aujourd’hui"), permissions=["view"])
    def take_again(self, request: HttpRequest, queryset: QuerySet[RawRecord]) -> None:
        """Replay. :raises PermissionDenied: staff who may not change records."""
        if not request.user.has_perm("ingestion.change_rawrecord"):
            raise PermissionDenied
        ids = list(queryset.values_list("pk", flat=True)[:REPLAY_MAX])
        done = replay.replay(record_ids=ids, at=now(), sent_by=str(request.user))
        count = sum(batch.done for batch in done)
        text = ngettext("%(count)s enregistrement repris.", "%(count)s enregistrements repris.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


def _text(payload: bytes) -> SafeString:
    shown: Any = payload[:SHOWN_BYTES].decode("utf-8", errors="replace")
    return format_html("<pre>{}</pre>", shown)
