"""The outbox in the admin: what waits, what was given up, and a way to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core import events
from apps.core.admin_lists import BoundedPaginator
from apps.core.models import OutboxDelivery

if TYPE_CHECKING:
    Base = admin.ModelAdmin[OutboxDelivery]
else:
    Base = admin.ModelAdmin


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(Base):
    """Read-only but for the retry."""

    list_display = ("event_name", "key", "receiver", "state", "attempts", "next_attempt_at", "last_error")
    list_filter = ("state", "receiver")
    list_select_related = ("event",)
    list_per_page = 50
    search_fields = ("=key",)
    ordering = ("-id",)
    show_full_result_count = False
    paginator = BoundedPaginator
    actions = ("retry",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Only `publish` makes them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: OutboxDelivery | None = None) -> bool:
        """Read-only."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: OutboxDelivery | None = None) -> bool:
        """Pruned by a task."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxDelivery]:
        """Without payloads: one of a bulk write names a thousand entries, and no column shows it."""
        return super().get_queryset(request).defer("event__payload")

    @admin.display(description=_("événement"))
    def event_name(self, delivery: OutboxDelivery) -> str:
        """Name of the event."""
        return delivery.event.name

    @admin.action(description=_("Réessayer les livraisons abandonnées"), permissions=["view"])
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxDelivery]) -> None:
        """Give dead deliveries another series of attempts."""
        count = events.retry_dead(queryset.values_list("pk", flat=True)[:10_000])
        text = ngettext("%(count)s livraison relancée.", "%(count)s livraisons relancées.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
