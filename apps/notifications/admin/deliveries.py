"""The log of messages, sending again, and the pages of the catalogue."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

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
        "created_at", "message", "state", "channel", "address", "reason", "cost_xaf", "sent_at", "delivered_at", "language", "category",
        "provider_id",
    )  # fmt: skip
    list_filter = ("state", "channel", "category", "language", "message", ("created_at", admin.DateFieldListFilter))
    search_fields = ("=address", "=provider_id")
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    inlines = (AttemptInline,)
    actions = ("send_again",)
    change_list_template = "admin/notifications/delivery_list.html"
    change_form_template = "admin/notifications/delivery_form.html"

    @admin.action(description=_("Renvoyer"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Try messages once more that were given up."""
        count = sum(sending.send_again(delivery_id=pk, at=now()) for pk in queryset.values_list("pk", flat=True)[:100])
        messages.success(request, ngettext("%(n)d envoi relancé.", "%(n)d envois relancés.", count) % {"n": count})

    def again(self, request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
        """Try one message once more."""
        delivery = Delivery.objects.filter(pk=delivery_id).first()
        if delivery is None:
            raise Http404
        if not self.has_view_permission(request, delivery):
            raise PermissionDenied
        if sending.send_again(delivery_id=delivery.pk, at=now()):
            messages.success(request, _("L’envoi est relancé."))
        else:
            messages.error(request, _("Cet envoi n’est pas abandonné, ou son contenu n’est pas gardé : rien n’est relancé."))
        return redirect("admin:notifications_delivery_change", delivery.pk)

    def get_urls(self) -> list[URLPattern]:
        """The catalogue, its previews and the runbook beside the list."""
        wrap = self.admin_site.admin_view
        own = [
            path("<uuid:delivery_id>/again/", wrap(require_POST(self.again)), name="notifications_delivery_again"),
            path("previews/", wrap(catalogue.previews), name="notifications_previews"),
            path("previews/<slug:name>/<slug:language>/<slug:form>/", wrap(catalogue.preview), name="notifications_preview"),
            path(
                "real/<uuid:notification_id>/<slug:language>/<slug:form>/", wrap(catalogue.real_preview), name="notifications_real_preview"
            ),
            path("runbook/", wrap(catalogue.runbook), name="notifications_runbook"),
        ]
        return [*own, *super().get_urls()]
