"""Announcements: written, looked at with their count and cost, sent, stopped."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.clock import now
from apps.notifications.choices import BroadcastState
from apps.notifications.exceptions import BroadcastRefused
from apps.notifications.models import Broadcast
from apps.notifications.selectors.broadcasts import preview_of, reach_of, result_of
from apps.notifications.services import broadcasts

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Broadcast]
    Form = ModelForm[Broadcast]
else:
    Base, Form = admin.ModelAdmin, ModelForm

_REFUSALS = {"over": _("Cette annonce est déjà partie."), "nobody": _("Personne ne correspond à ces destinataires.")}


@admin.register(Broadcast)
class BroadcastAdmin(Base):
    """A draft can be changed; what began to be sent is only looked at."""

    list_display = ("subject_fr", "segment", "city", "channel", "state", "told", "audience", "started_at")
    list_filter = ("state", "segment", "channel")
    show_full_result_count = False
    raw_id_fields = ("city",)
    fields = ("segment", "city", "channel", "per_minute", "subject_fr", "text_fr", "subject_en", "text_en", "page")
    change_form_template = "admin/notifications/broadcast_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        """While it is a draft."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == BroadcastState.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        """Likewise."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == BroadcastState.DRAFT)

    def save_model(self, request: HttpRequest, obj: Broadcast, form: Form, change: bool) -> None:
        """Keep the draft, with who wrote it."""
        assert isinstance(request.user, User)  # noqa: S101  the admin's views make sure of it
        broadcasts.save_draft(broadcast=obj, actor=request.user)

    def response_post_save_add(self, request: HttpRequest, obj: Broadcast) -> HttpResponseRedirect:
        """Next comes the look at it."""
        if request.user.has_perm("notifications.send_broadcast"):
            return HttpResponseRedirect(reverse("admin:notifications_broadcast_send", args=[obj.pk]))
        return super().response_post_save_add(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """The page from which it is sent."""
        own = path("<uuid:broadcast_id>/envoyer/", self.admin_site.admin_view(self.send_page), name="notifications_broadcast_send")
        return [own, *super().get_urls()]

    def send_page(self, request: HttpRequest, broadcast_id: uuid.UUID) -> HttpResponse:
        """How many people, what it costs, the words in both languages; then send, stop, go on, and what came of it."""
        broadcast = Broadcast.objects.select_related("city").filter(pk=broadcast_id).first()
        if broadcast is None:
            raise Http404
        if not request.user.has_perm("notifications.send_broadcast"):
            raise PermissionDenied
        if request.method == "POST":
            self._act(request, broadcast)
            return redirect("admin:notifications_broadcast_send", broadcast.pk)
        words = [(label, preview_of(broadcast, code)) for code, label in (("fr", "Français"), ("en", "English"))]
        context = {
            **self.admin_site.each_context(request), "title": _("Envoyer une annonce"), "opts": self.opts, "broadcast": broadcast,
            "reach": (reach := reach_of(broadcast)), "result": result_of(broadcast) if broadcast.started_at else None,
            "minutes": math.ceil(reach.people / broadcast.per_minute), "words": words, "is_draft": broadcast.state == BroadcastState.DRAFT,
            "is_sending": broadcast.state == BroadcastState.SENDING, "is_stopped": broadcast.state == BroadcastState.STOPPED,
        }  # fmt: skip
        return TemplateResponse(request, "admin/notifications/broadcast_send.html", context)

    def _act(self, request: HttpRequest, broadcast: Broadcast) -> None:
        if "stop" in request.POST:
            broadcasts.stop(broadcast_id=broadcast.pk)
            messages.success(request, _("L’envoi est arrêté. Il peut reprendre où il en était."))
            return
        try:
            broadcasts.start(broadcast_id=broadcast.pk, at=now())
        except BroadcastRefused as error:
            messages.error(request, _REFUSALS[error.code])
        else:
            messages.success(request, _("L’envoi commence. Vous pouvez l’arrêter à tout moment."))
