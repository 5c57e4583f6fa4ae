"""Pages of the catalogue for staff: every message with its rules, as it leaves, with sample or real values; and what to do in trouble."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.notifications.catalogue.kinds import Message
from apps.notifications.choices import Channel
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Notification
from apps.notifications.rendering import render_message, render_parameters, render_short

PERMISSION = "notifications.view_delivery"


def previews(request: HttpRequest) -> HttpResponse:
    """Every message: category, event, channels, sample, and its words in each language and form."""
    _check(request)
    rows = [
        {
            "name": name, "category": message.category.label, "event": message.event, "is_urgent": message.is_urgent,
            "channels": " → ".join(str(channel.label) for channel in message.channels) if message.chain
            else ", ".join(str(channel.label) for channel in message.channels),
            "sample": json.dumps(dict(message.sample), ensure_ascii=False, indent=1),
        }
        for name, message in sorted(MESSAGES.items(), key=lambda pair: (pair[1].category, pair[0]))
    ]  # fmt: skip
    context = {**admin.site.each_context(request), "title": _("Aperçu des messages"), "rows": rows}
    return TemplateResponse(request, "admin/notifications/previews.html", context)


def preview(request: HttpRequest, name: str, language: str, form: str) -> HttpResponse:
    """One message with sample values, as it leaves."""
    _check(request)
    message = MESSAGES.get(name)
    if message is None:
        raise Http404
    return _shown(message, language=language, form=form, context=message.sample)


def real_preview(request: HttpRequest, notification_id: uuid.UUID, language: str, form: str) -> HttpResponse:
    """One message with the values of somebody who was told; links that open something are replaced by those of the sample."""
    _check(request)
    row = Notification.objects.select_related("user").filter(pk=notification_id, message__in=MESSAGES).first()
    if row is None:
        raise Http404
    message = MESSAGES[row.message]
    hidden = {key: message.sample[key] for key in message.private}
    return _shown(message, language=language, form=form, context={"name": row.user.name, **row.context, **hidden})


def runbook(request: HttpRequest) -> HttpResponse:
    """What to look at, in which order, when an alarm comes."""
    _check(request)
    context = {**admin.site.each_context(request), "title": _("Messages : que faire en cas d’alerte")}
    return TemplateResponse(request, "admin/notifications/runbook.html", context)


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _shown(message: Message, *, language: str, form: str, context: Mapping[str, Any]) -> HttpResponse:
    if language not in {"fr", "en"} or form not in {"html", "text", "short"}:
        raise Http404
    if form == "short":
        parts = [render_short(message.name, language=language, context=context)]
        if Channel.WHATSAPP in message.channels:
            parts += render_parameters(message.name, language=language, context=context)
        return HttpResponse("\n".join(parts), content_type="text/plain; charset=utf-8")
    words = render_message(message.name, language=language, context=context, is_mail=message.channel == Channel.EMAIL)
    if form == "html" and words.html:
        response = HttpResponse(words.html)
        # A mail's styles stand in its elements; nothing of it may run or load.
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
        return response
    return HttpResponse(f"{words.subject}\n\n{words.text}", content_type="text/plain; charset=utf-8")
