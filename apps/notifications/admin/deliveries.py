"""The log of messages, sending again, and the pages of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.admin_read_only import ReadOnly
from apps.core.clock import now
from apps.notifications.admin import catalogue
from apps.notifications.models import Delivery, DeliveryAttempt
from apps.notifications.services import sending

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Delivery]
    Inline = admin.TabularInline[DeliveryAttempt, Delivery]
else:
    Base, Inline = admin.ModelAdmin, admin.TabularInline


class AttemptInline(ReadOnly, Inline):
    """Tries of a message."""

    model = DeliveryAttempt
    extra = 0
    readonly_fields = ("at", "error", "provider_id")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, Base):
    """Read-only but for sending again."""

    list_display = (
        "created_at", "message", "category", "channel", "address", "language", "state", "reason", "cost_xaf", "provider_id", "sent_at",
        "delivered_at",
    )  # fmt: skip
    list_filter = ("state", "channel", "category", "language", "message", ("created_at", admin.DateFieldListFilter))
    search_fields = ("=address", "=provider_id")
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    inlines = (AttemptInline,)
    actions = ("send_again",)
    change_list_template = "admin/notifications/delivery_list.html"

    @admin.action(description=_("Renvoyer"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Try messages once more that were given up."""
        count = sum(sending.send_again(delivery_id=pk, at=now()) for pk in queryset.values_list("pk", flat=True)[:100])
        messages.success(request, ngettext("%(n)d envoi relancé.", "%(n)d envois relancés.", count) % {"n": count})

    def get_urls(self) -> list[URLPattern]:
        """The catalogue, its previews and the runbook beside the list."""
        wrap = self.admin_site.admin_view
        own = [
            path("previews/", wrap(catalogue.previews), name="notifications_previews"),
            path("previews/<slug:name>/<slug:language>/<slug:form>/", wrap(catalogue.preview), name="notifications_preview"),
            path(
                "real/<uuid:notification_id>/<slug:language>/<slug:form>/", wrap(catalogue.real_preview), name="notifications_real_preview"
            ),
            path("runbook/", wrap(catalogue.runbook), name="notifications_runbook"),
        ]
        return [*own, *super().get_urls()]
