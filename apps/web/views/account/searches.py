"""Searches that somebody keeps: keep one, run it again, rename it, remove it and think better of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.clock import now
from apps.core.exceptions import NotFound
from apps.search.exceptions import TooManySavedSearches
from apps.search.models import SavedSearch
from apps.search.selectors.saved import removed_search, saved_search, saved_searches
from apps.search.services import saved as services
from apps.web.forms.account import SavedSearchForm
from apps.web.narrowing import chips
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.questions import Question, query_of, read_question, title_of

NAME_MAX = 80


@dataclass(frozen=True)
class Row:
    """A kept search in words, with the address that runs it again and the form that renames it."""

    saved: SavedSearch
    title: str
    conditions: list[str]
    url: str
    form: SavedSearchForm


@login_required
@require_safe
def search_list(request: HttpRequest) -> HttpResponse:
    """All that somebody keeps; `retiree` names the one that was just removed, which can be taken back."""
    user = user_of(request)
    removed = removed_search(user, as_uuid) if (as_uuid := _uuid(request.GET.get("retiree", ""))) else None
    return _list(request, removed=removed)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search_new(request: HttpRequest) -> HttpResponse:
    """Name the search of this address and keep it. Whoever is not logged in comes back here from the log-in."""
    user, question = user_of(request), read_question(request.GET)
    query = query_of(question)
    if not query:
        return redirect("web:search")
    known = saved_search(user, query)
    words = _words(question)
    form = SavedSearchForm(request.POST or None, initial={"name": known.name if known else words[0][:NAME_MAX]})
    if request.method == "POST" and form.is_valid():
        try:
            services.save_search(user=user, query=query, name=form.cleaned_data["name"], at=now())
        except TooManySavedSearches as error:
            form.add_error(None, forms.ValidationError(error.detail, code=error.code))
        else:
            messages.success(request, _("La recherche est enregistrée."))
            return redirect("web:account_searches")
    context = {
        "form": form, "title": words[0], "conditions": words[1], "back_url": question.url(), "is_known": known is not None,
        "action": f"{reverse('web:account_search_new')}?{query}",
    }  # fmt: skip
    return render(request, "web/account/search_new.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def search_rename(request: HttpRequest, saved_id: uuid.UUID) -> HttpResponse:
    """Give a kept search another name."""
    form = SavedSearchForm(request.POST, auto_id=f"nom-{saved_id}-%s")
    if not form.is_valid():
        return _list(request, refused={saved_id: form}, status=422)
    try:
        services.rename_search(user=user_of(request), saved_id=saved_id, name=form.cleaned_data["name"])
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("La recherche a son nouveau nom."))
    return redirect("web:account_searches")


@login_required
@require_POST
def search_remove(request: HttpRequest, saved_id: uuid.UUID) -> HttpResponse:
    """Keep it no longer, and offer to take that back."""
    try:
        services.remove_search(user=user_of(request), saved_id=saved_id, at=now())
    except NotFound as error:
        raise Http404 from error
    return redirect(f"{reverse('web:account_searches')}?retiree={saved_id}")


@login_required
@require_POST
def search_take_back(request: HttpRequest, saved_id: uuid.UUID) -> HttpResponse:
    """Keep a removed search again."""
    try:
        services.take_back_search(user=user_of(request), saved_id=saved_id)
    except NotFound as error:
        raise Http404 from error
    except TooManySavedSearches as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("La recherche est de retour."))
    return redirect("web:account_searches")


def _list(
    request: HttpRequest, *, removed: SavedSearch | None = None, refused: dict[uuid.UUID, SavedSearchForm] | None = None, status: int = 200
) -> HttpResponse:
    rows = [_row(saved, (refused or {}).get(saved.pk)) for saved in saved_searches(user_of(request))]
    context: dict[str, Any] = {
        "rows": rows,
        "removed": removed,
        "most": services.SAVED_MAX,
        "form": next(iter((refused or {}).values()), None),
    }
    return render(request, "web/account/searches.html", context, status=status)


def _row(saved: SavedSearch, form: SavedSearchForm | None) -> Row:
    question = read_question(QueryDict(saved.query))
    title, conditions = _words(question)
    form = form or SavedSearchForm(initial={"name": saved.name}, auto_id=f"nom-{saved.pk}-%s")
    return Row(saved, title, conditions, question.url(), form)


def _words(question: Question) -> tuple[str, list[str]]:
    """What a question asks: its heading, and its conditions."""
    language = current_language()
    conditions = [_("« %(q)s »") % {"q": question.q}] if question.q else []
    return title_of(question, language), [*conditions, *(chip.label for chip in chips(question, (), language))]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
