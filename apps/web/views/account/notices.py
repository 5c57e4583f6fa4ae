"""What somebody was told, and how he wants to be told."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.clock import now
from apps.notifications.exceptions import ChoiceRefused
from apps.notifications.selectors.inbox import inbox, notice_url, unread_count
from apps.notifications.selectors.preferences import Preferences, preferences_of
from apps.notifications.services.preferences import set_preferences, set_quiet_hours
from apps.notifications.services.reading import mark_all_read, mark_read
from apps.web.forms.notices import PreferencesForm, QuietHoursForm
from apps.web.pages import current_language
from apps.web.people import user_of


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The inbox, newest first; `non_lues` shows what was not read, `suite` goes on."""
    user, is_unread = user_of(request), "non_lues" in request.GET
    page = inbox(user, request.GET.get("suite", ""), is_unread=is_unread, language=current_language())
    more = {**({"non_lues": ""} if is_unread else {}), "suite": page.cursor}
    context: dict[str, Any] = {
        "notices": page.notices,
        "is_unread": is_unread,
        "is_first": "suite" not in request.GET,
        "unread": unread_count(user),
        "more": urlencode(more) if page.cursor else "",
    }
    return render(request, "web/account/notices.html", context)


@login_required
@require_POST
def notice_open(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Note that a notice was read, and go where it leads; back to the list when it leads nowhere, or is not one's own."""
    user = user_of(request)
    mark_read(user=user, notification_id=notice_id, at=now())
    address = notice_url(user, notice_id)
    # Ours alone: what was written by an older release must not lead anywhere else.
    if "ouvrir" in request.POST and address.startswith(f"{settings.SITE_URL}/"):
        return redirect(address.removeprefix(settings.SITE_URL))
    return redirect("web:account_notices")


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Note that everything was read."""
    count = mark_all_read(user=user_of(request), at=now())
    messages.success(request, ngettext("%(n)d message marqué comme lu.", "%(n)d messages marqués comme lus.", count) % {"n": count})
    return redirect("web:account_notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """By which channels each kind of message comes."""
    user = user_of(request)
    current = preferences_of(user)
    form = PreferencesForm(request.POST or None, preferences=current, language=current_language())
    if request.method == "POST" and form.is_valid():
        try:
            set_preferences(user=user, choices=form.changes(), language=current_language(), at=now())
        except ChoiceRefused as error:
            form.add_error(None, forms.ValidationError(error.message, code=error.code))
        else:
            messages.success(request, _("Vos choix sont enregistrés."))
            return redirect("web:account_preferences")
    return _preferences(request, current, form=form)


@login_required
@require_POST
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """When nothing that can wait is sent."""
    user = user_of(request)
    current = preferences_of(user)
    form = QuietHoursForm(request.POST)
    if form.is_valid():
        try:
            set_quiet_hours(user=user, at=now(), **form.cleaned_data)
        except ChoiceRefused as error:
            form.add_error(None, forms.ValidationError(error.message, code=error.code))
        else:
            messages.success(request, _("Vos heures calmes sont enregistrées."))
            return redirect("web:account_preferences")
    return _preferences(request, current, quiet_form=form)


def _preferences(
    request: HttpRequest, current: Preferences, *, form: PreferencesForm | None = None, quiet_form: QuietHoursForm | None = None
) -> HttpResponse:
    refused = next((one for one in (form, quiet_form) if one is not None and one.errors), None)
    context = {
        "form": refused,
        "choices": form or PreferencesForm(preferences=current, language=current_language()),
        "quiet_form": quiet_form or QuietHoursForm.of(current.quiet),
        "phone": current.phone,
    }
    return render(request, "web/account/preferences.html", context, status=422 if refused else 200)
