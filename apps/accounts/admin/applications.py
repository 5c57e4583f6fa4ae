"""Applications of partners in the administration: read, approved, refused, blocked."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc import admin as stock
from allauth.idp.oidc.models import Client, Token
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.base import ReadOnlyAdmin, staff_member
from apps.accounts.choices import ApplicationState
from apps.accounts.models import Application
from apps.accounts.services.applications import review_application
from apps.core.clock import now

# allauth's own pages write clients and tokens past the services, and would let staff skip the consent of people.
for _model in (Client, Token):
    if stock.admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Those that wait come first when the list is filtered by state; what is asked for is on each one's page."""

    list_display = ("name", "owner", "state", "submitted_at", "reviewed_at", "reviewed_by")
    list_select_related = ("client", "owner", "reviewed_by")
    list_filter = ("state",)
    search_fields = ("client__name", "=client__id", "=owner__email")
    ordering = ("-submitted_at", "-created_at")
    fields = (
        "name", "client", "owner", "state", "description", "website", "addresses", "scopes", "ways", "review_note", "submitted_at",
        ("reviewed_at", "reviewed_by"), ("created_at", "updated_at"),
    )  # fmt: skip
    actions = ("approve", "refuse", "block", "unblock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """With what every page shows of them."""
        return super().get_queryset(request).select_related("client", "owner", "reviewed_by")

    @admin.display(description=_("nom"), ordering="client__name")
    def name(self, application: Application) -> str:
        """What people read on the consent page."""
        return str(application.client.name)

    @admin.display(description=_("adresses de retour"))
    def addresses(self, application: Application) -> str:
        """Where people are sent back to."""
        return "\n".join(application.client.get_redirect_uris()) or "–"

    @admin.display(description=_("portées"))
    def scopes(self, application: Application) -> str:
        """What it may ask for."""
        return ", ".join(application.client.get_scopes())

    @admin.display(description=_("accès"))
    def ways(self, application: Application) -> str:
        """Whether it keeps a secret, and which grants it has."""
        return ", ".join([application.client.type, *application.client.get_grant_types()])

    @admin.action(description=_("Approuver"), permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        """Let them serve everybody, on live entries."""
        self.for_each(request, queryset, lambda one: _decide(request, one, ApplicationState.APPROVED))

    @admin.action(description=_("Refuser…"), permissions=["review"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        """Say what has to change; the owner reads it."""
        return self.with_reason(
            request, queryset, "refuse", _("Refuser"), lambda one, why: _decide(request, one, ApplicationState.REFUSED, why)
        )

    @admin.action(description=_("Bloquer…"), permissions=["review"])
    def block(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        """End all their tokens; the owner reads why."""
        return self.with_reason(
            request, queryset, "block", _("Bloquer"), lambda one, why: _decide(request, one, ApplicationState.BLOCKED, why)
        )

    @admin.action(description=_("Débloquer"), permissions=["review"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        """Back to test."""
        self.for_each(request, queryset, lambda one: _decide(request, one, ApplicationState.TEST))

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Who may change applications, though nobody edits them here."""
        return request.user.has_perm("accounts.change_application")


def _decide(request: HttpRequest, application: Application, state: ApplicationState, note: str = "") -> Any:
    return review_application(application_id=application.pk, state=state, actor=staff_member(request), at=now(), note=note)
