"""What people were told, which addresses are suppressed, and who agreed to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now
from apps.notifications.models import ConsentRecord, Notification, Suppression
from apps.notifications.services import suppressions

if TYPE_CHECKING:
    NotificationBase = admin.ModelAdmin[Notification]
    SuppressionBase = admin.ModelAdmin[Suppression]
    ConsentBase = admin.ModelAdmin[ConsentRecord]
else:
    NotificationBase = SuppressionBase = ConsentBase = admin.ModelAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnly, NotificationBase):
    """What a person was told, with its words made from the real values."""

    list_display = ("created_at", "message", "category", "user", "is_listed", "read_at", "preview")
    list_filter = ("category", "is_listed", "message")
    list_select_related = ("user",)
    search_fields = ("=user__email", "=dedup_key")
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    fields = ("created_at", "message", "category", "user", "url", "dedup_key", "is_listed", "read_at", "context", "preview")

    @admin.display(description=_("aperçu"))
    def preview(self, row: Notification) -> SafeString:
        """Its words in both languages."""
        links = [(reverse("admin:notifications_real_preview", args=[row.pk, code, "html"]), code.upper()) for code in ("fr", "en")]
        return format_html('<a href="{}">{}</a> · <a href="{}">{}</a>', *links[0], *links[1])


@admin.register(Suppression)
class SuppressionAdmin(ReadOnly, SuppressionBase):
    """Addresses that nothing more is sent to, and why."""

    list_display = ("created_at", "channel", "address", "reason", "category", "detail", "lifted_at")
    list_filter = ("channel", "reason", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("=address",)
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    actions = ("lift",)

    @admin.action(description=_("Écrire de nouveau à ces adresses"), permissions=["view"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """End suppressions because somebody asked for it."""
        count = sum(suppressions.lift(suppression_id=pk, at=now()) for pk in queryset.values_list("pk", flat=True)[:100])
        messages.success(request, ngettext("%(n)d adresse rouverte.", "%(n)d adresses rouvertes.", count) % {"n": count})


@admin.register(ConsentRecord)
class ConsentAdmin(ReadOnly, ConsentBase):
    """Who agreed to what, and who took it back: a record that nobody edits."""

    list_display = ("created_at", "user", "category", "channel", "is_given", "source", "text_version")
    list_filter = ("is_given", "channel", "category", "source")
    list_select_related = ("user",)
    search_fields = ("=user__email",)
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
