"""My data: an archive of it, and its end."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.choices import ExportState
from apps.accounts.models import DataExport
from apps.accounts.origins import origin_of
from apps.accounts.selectors.people import exports_of
from apps.accounts.services.closure import cancel_deletion, request_deletion
from apps.accounts.services.exports import request_export
from apps.accounts.services.login import is_own_password
from apps.core.clock import now
from apps.web.forms.account import DeletionForm
from apps.web.people import user_of


@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """The archives, and the deletion of the account."""
    return _page(request, DeletionForm(), status=200)


@login_required
@require_POST
def ask_export(request: HttpRequest) -> HttpResponse:
    """Have an archive made."""
    export = request_export(user=user_of(request), origin=origin_of(request), at=now())
    if export.state == ExportState.READY:
        messages.info(request, _("Une archive de moins d’une heure est prête ci-dessous."))
    else:
        messages.success(request, _("Votre archive est en préparation. Un message vous dira quand elle est prête."))
    return redirect("web:account_data")


@login_required
@require_safe
def download_export(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """The archive itself, for its owner alone."""
    export = DataExport.objects.filter(pk=export_id, user=user_of(request), state=ExportState.READY).first()
    if export is None:
        raise Http404
    response = FileResponse(export.file.open("rb"), as_attachment=True, filename=f"ecosyste-{export.requested_at:%Y-%m-%d}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["POST"])
def ask_deletion(request: HttpRequest) -> HttpResponse:
    """End the account in thirty days."""
    user, form = user_of(request), DeletionForm(request.POST)
    if form.is_valid() and not is_own_password(request=request, user=user, password=form.cleaned_data["password"]):
        form.add_error("password", forms.ValidationError(_("Ce n’est pas votre mot de passe."), code="wrong"))
    if not form.is_valid():
        return _page(request, form, status=422)
    request_deletion(user=user, origin=origin_of(request), at=now())
    messages.success(request, _("Votre compte sera supprimé dans trente jours. Vous pouvez encore l’annuler ici."))
    return redirect("web:account_data")


@login_required
@require_POST
def keep_account(request: HttpRequest) -> HttpResponse:
    """Cancel the deletion."""
    cancel_deletion(user=user_of(request), origin=origin_of(request))
    messages.success(request, _("Votre compte est conservé."))
    return redirect("web:account_data")


def _page(request: HttpRequest, form: DeletionForm, *, status: int) -> HttpResponse:
    user = user_of(request)
    return render(request, "web/account/data.html", {"person": user, "exports": exports_of(user), "form": form}, status=status)
