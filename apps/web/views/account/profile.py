"""Name, language, nature of the account, and its phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.exceptions import PhoneCodeRefused, PhoneTaken, TooManyCodes
from apps.accounts.origins import origin_of
from apps.accounts.services.phones import confirm_phone, remove_phone, send_phone_code
from apps.accounts.services.profile import change_profile
from apps.core.clock import now
from apps.web.forms.account import CodeForm, PhoneForm, ProfileForm
from apps.web.people import user_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The first page of the account."""
    user = user_of(request)
    form = ProfileForm.of(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed = change_profile(user=user, changes=form.cleaned_data, at=now())
        with override(changed.language):
            messages.success(request, _("Votre profil est enregistré."))
            return redirect("web:account")
    return _page(request, form=form, status=422 if form.errors else 200)


@login_required
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    """Text a code to a number."""
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            send_phone_code(user=user_of(request), phone=form.cleaned_data["phone"], at=now())
        except TooManyCodes as error:
            form.add_error("phone", forms.ValidationError(error.detail, code=error.code))
        else:
            messages.success(request, _("Un code est parti. Il est valable dix minutes."))
            return redirect("web:account_phone_code")
    return _page(request, phone_form=form, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Type the code that was texted."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_phone(user=user_of(request), code=form.cleaned_data["code"], origin=origin_of(request), at=now())
        except (PhoneCodeRefused, PhoneTaken) as error:
            form.add_error("code", forms.ValidationError(error.detail, code=error.code))
        else:
            messages.success(request, _("Votre numéro est confirmé."))
            return redirect("web:account")
    return render(request, "web/account/phone_code.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def forget_phone(request: HttpRequest) -> HttpResponse:
    """Take the number off the account."""
    remove_phone(user=user_of(request), origin=origin_of(request), at=now())
    messages.success(request, _("Le numéro est retiré."))
    return redirect("web:account")


def _page(request: HttpRequest, *, status: int, **forms_shown: Any) -> HttpResponse:
    user = user_of(request)
    context = {"form": ProfileForm.of(user), "phone_form": PhoneForm(initial={"phone": user.phone}), "person": user, **forms_shown}
    return render(request, "web/account/profile.html", context, status=status)
