"""Messages for staff: what was sent, and what each message looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin_lists import BoundedPaginator
from apps.core.clock import now
from apps.notifications.choices import Channel
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery, DeliveryAttempt
from apps.notifications.rendering import render_message
from apps.notifications.services import sending

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Delivery]
    Inline = admin.TabularInline[DeliveryAttempt, Delivery]
else:
    Base, Inline = admin.ModelAdmin, admin.TabularInline


class AttemptInline(Inline):
    """Tries of a message."""

    model = DeliveryAttempt
    extra = 0
    can_delete = False
    readonly_fields = ("at", "error", "provider_id")

    def has_add_permission(self, _request: HttpRequest, _obj: Delivery | None = None) -> bool:
        """Only sending makes them."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(Base):
    """Read-only but for sending again."""

    list_display = ("created_at", "message", "channel", "address", "language", "state", "sent_at")
    list_filter = ("state", "channel", "message")
    search_fields = ("=address",)
    ordering = ("-created_at",)
    show_full_result_count = False
    paginator = BoundedPaginator
    inlines = (AttemptInline,)
    actions = ("send_again",)
    change_list_template = "admin/notifications/delivery_list.html"

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Only services write them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Delivery | None = None) -> bool:
        """Likewise."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Delivery | None = None) -> bool:
        """Likewise."""
        return False

    @admin.action(description=_("Renvoyer"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Try messages once more that were given up."""
        count = sum(sending.send_again(delivery_id=pk, at=now()) for pk in queryset.values_list("pk", flat=True)[:100])
        messages.success(request, ngettext("%(n)d envoi relancé.", "%(n)d envois relancés.", count) % {"n": count})

    def get_urls(self) -> list[URLPattern]:
        """Previews beside the list."""
        own = [
            path("previews/", self.admin_site.admin_view(self.previews), name="notifications_previews"),
            path(
                "previews/<slug:name>/<slug:language>/<slug:form>/", self.admin_site.admin_view(self.preview), name="notifications_preview"
            ),
        ]
        return [*own, *super().get_urls()]

    def previews(self, request: HttpRequest) -> HttpResponse:
        """Every message, in each language and form."""
        context = {**self.admin_site.each_context(request), "title": _("Aperçu des messages"), "names": sorted(MESSAGES)}
        return TemplateResponse(request, "admin/notifications/previews.html", context)

    def preview(self, request: HttpRequest, name: str, language: str, form: str) -> HttpResponse:
        """One message with sample values, as it leaves."""
        message = MESSAGES.get(name)
        if message is None or language not in {"fr", "en"} or form not in {"html", "text"}:
            raise Http404
        words = render_message(name, language=language, context=message.sample, is_mail=message.channel == Channel.EMAIL)
        if form == "html" and words.html:
            response = HttpResponse(words.html)
            # A mail's styles stand in its elements; nothing of it may run or load.
            response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
            return response
        return HttpResponse(f"{words.subject}\n\n{words.text}", content_type="text/plain; charset=utf-8")
