"""OAuth applications of the signed-in person: made, changed, submitted for review, ended."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.choices import ApplicationState
from apps.accounts.exceptions import ApplicationLimitReached
from apps.accounts.models import Application, User
from apps.accounts.origins import origin_of
from apps.accounts.selectors.applications import applications_of, find_application
from apps.accounts.services import applications as services
from apps.core.clock import now
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound
from apps.web.forms.applications import ApplicationForm
from apps.web.people import user_of
from apps.web.sendings import forget_sending, is_first_sending, new_form_number
from apps.web.views.developers.frames import portal_frame, refused, secret_answer

_TONES = {ApplicationState.APPROVED: "brand", ApplicationState.SUBMITTED: "sun", ApplicationState.TEST: "indigo"}


@login_required
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    """Every application, newest first."""
    rows = [(one, tone_of(one)) for one in applications_of(user_of(request))]
    return render(
        request, "web/developers/applications.html", portal_frame(request, title=_("Applications"), section="applications", rows=rows)
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def application_new(request: HttpRequest) -> HttpResponse:
    """A new application; its secret is in the answer, and nowhere else."""
    user = user_of(request)
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    number = request.POST.get("once", "") or new_form_number()
    if form.is_bound and form.is_valid():
        if not is_first_sending(user, number):
            messages.warning(request, _("Ce formulaire a déjà été envoyé : l’application existe. Secret perdu ? Faites-en un nouveau."))
            return redirect("web:developer_applications")
        try:
            data = form.application_input()
            application, secret = services.register_application(owner=user, data=data, at=now(), origin=origin_of(request))
        except FieldsInvalid as error:
            form.add_refusals(error)
        except ApplicationLimitReached as error:
            form.add_error(None, str(error.detail))
        else:
            return _shown(request, application=application, secret=secret, title=_("Application créée"))
        forget_sending(user, number)
    context = portal_frame(
        request, title=_("Créer une application"), section="applications", is_refused=bool(form.errors), form=form, number=number
    )
    template = "web/developers/application_new.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_page(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """One application, and the form that changes it."""
    user = user_of(request)
    application = own_application(user, application_id)
    form = ApplicationForm(request.POST if request.method == "POST" else None, application=application)
    if form.is_bound and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            services.change_application(owner=user, application_id=application.pk, changes=changes, at=now(), origin=origin_of(request))
        except FieldsInvalid as error:
            form.add_refusals(error)
        except Conflict as error:
            form.add_error(None, str(error.detail))
        else:
            messages.success(request, _("Application enregistrée."))
            return redirect("web:developer_application", application_id=application.pk)
    context = portal_frame(
        request, title=application.client.name, section="applications", is_refused=bool(form.errors), form=form, application=application,
        tone=tone_of(application), can_submit=application.state in {ApplicationState.TEST, ApplicationState.REFUSED},
        is_public=application.client.type == "public", discovery=request.build_absolute_uri("/.well-known/openid-configuration"),
    )  # fmt: skip
    template = "web/developers/application.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_POST
@sensitive_variables("secret")
def application_secret(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """A new secret; the old one ends at once."""
    user = user_of(request)
    application = own_application(user, application_id)
    try:
        secret = services.rotate_secret(owner=user, application_id=application.pk, at=now(), origin=origin_of(request))
    except Conflict as error:
        messages.error(request, str(error.detail))
        return redirect("web:developer_application", application_id=application.pk)
    return _shown(request, application=application, secret=secret, title=_("Nouveau secret"))


@login_required
@require_POST
def application_submit(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Ask staff to let it serve everybody."""
    user = user_of(request)
    application = own_application(user, application_id)
    try:
        services.submit_application(owner=user, application_id=application.pk, at=now(), origin=origin_of(request))
    except FieldsInvalid as error:
        for _pointer, _code, detail in error.errors:
            messages.error(request, str(detail))
    except Conflict as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, _("Votre demande est partie. Un message vous dira la décision."))
    return redirect("web:developer_application", application_id=application.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_delete(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Ask, then end it with everything that it was granted."""
    user = user_of(request)
    application = own_application(user, application_id)
    if request.method == "POST":
        try:
            services.delete_application(owner=user, application_id=application.pk, at=now(), origin=origin_of(request))
        except Conflict as error:
            messages.error(request, str(error.detail))
            return redirect("web:developer_application", application_id=application.pk)
        messages.success(request, _("L’application est supprimée : elle n’a plus accès à aucun compte."))
        return redirect("web:developer_applications")
    context = portal_frame(request, title=_("Supprimer l’application ?"), section="applications", application=application)
    return render(request, "web/developers/application_delete.html", context)


def own_application(user: User, application_id: uuid.UUID) -> Application:
    """:raises Http404: there is none, or it is somebody else's."""
    try:
        return find_application(user, application_id)
    except NotFound as error:
        raise Http404 from error


def tone_of(application: Application) -> str:
    """The colour of its state."""
    return _TONES.get(ApplicationState(application.state), "clay")


@sensitive_variables()
def _shown(request: HttpRequest, *, application: Application, secret: str, title: str) -> HttpResponse:
    context = portal_frame(request, title=title, section="applications", application=application, secret=secret)
    return secret_answer(request, "web/developers/application_secret.html", context)
