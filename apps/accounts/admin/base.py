"""What the lists of accounts have in common: every change goes through a service, and is told to the owner of the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.admin_actions import for_each
from apps.core.admin_lists import BoundedPaginator

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

ACTION_MAX = 100


class ReasonForm(forms.Form):
    """Why staff does something to an account."""

    reason = forms.CharField(
        label=_("Motif"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Gardé avec l’événement de sécurité.")
    )


class BoundedAdmin(Base):
    """A list that stays fast on large tables, and whose rows nobody adds or deletes."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Services make them."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False

    def for_each(self, request: HttpRequest, queryset: QuerySet[Any], call: Callable[[Any], object]) -> None:
        """Call a service for each chosen row and report; one refusal does not stop the others."""
        if done := for_each(self, request, queryset[:ACTION_MAX], call):
            self.message_user(request, ngettext("%(n)s ligne traitée.", "%(n)s lignes traitées.", done) % {"n": done}, messages.SUCCESS)

    def with_reason(
        self, request: HttpRequest, queryset: QuerySet[Any], action: str, title: object, call: Callable[[Any, str], object]
    ) -> HttpResponse | None:
        """Ask why on a page of its own, then call the service for each row."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            self.for_each(request, queryset, lambda row: call(row, form.cleaned_data["reason"]))
            return None
        context = {
            **self.admin_site.each_context(request), "title": title, "form": form, "action": action, "rows": queryset[:ACTION_MAX],
            "opts": self.opts, "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/accounts/reason.html", context)


class ReadOnlyAdmin(BoundedAdmin):
    """What happened, and cannot be changed."""

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Append-only."""
        return False


def staff_member(request: HttpRequest) -> User:
    """Who acts here."""
    assert isinstance(request.user, User)  # noqa: S101  the administration lets nobody else in
    return request.user
