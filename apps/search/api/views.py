"""Search, suggestions and what lies near. Each path is one class."""

from __future__ import annotations

import datetime as dt

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from apps.accounts.choices import Scope
from apps.core.api.answers import answer, content_tag, list_body
from apps.core.api.pagination import address_of
from apps.core.api.params import Params
from apps.core.api.views import PlainReadView
from apps.search import selectors, services
from apps.search.analysis import QUERY_LENGTH_MAX
from apps.search.api import schema
from apps.search.api.answers import search_response
from apps.search.api.questions import SUGGESTIONS_DEFAULT, SUGGESTIONS_MAX, AskedSearch, read_nearby, read_search
from apps.search.askers import asker_of
from apps.search.models import SearchDemand
from apps.search.questions import SearchAnswer


class SearchReadView(PlainReadView):
    """What the three have in common."""

    read_scope = Scope.SEARCH_READ.value
    reads_query = True

    def answer_to(self, request: HttpRequest, asked: AskedSearch) -> HttpResponse:
        """A page of hits.

        :raises CursorExpired: with the address of the first page.
        """
        at = timezone.now()
        try:
            found = selectors.search(asked.question, at=at)
        except selectors.CursorExpired as error:
            raise selectors.CursorExpired(first=address_of(request, limit=asked.question.limit)) from error
        self.note(request, asked, found, at=at)
        return search_response(request, asked, found, at=at)

    def note(self, request: HttpRequest, asked: AskedSearch, found: SearchAnswer, *, at: dt.datetime) -> None:
        """Count what was searched for; a following page is the same search."""
        question = asked.question
        if not question.cursor and not question.offset:
            services.count_search(
                text=question.text, language=question.language, channel=SearchDemand.Channel.API, found=len(found.hits),
                asker=asker_of(request, is_program=True), at=at,
            )  # fmt: skip


class SearchView(SearchReadView):
    """Published entries by words, filters and place."""

    @extend_schema(**schema.SEARCH)
    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of entries, the best answers first, with what was understood and what would narrow or widen the question."""
        return self.answer_to(request, read_search(Params(request.GET), language=self.language, at=timezone.now()))


class NearbyView(SearchReadView):
    """Published entries around a point."""

    @extend_schema(**schema.NEARBY)
    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of entries, the nearest first."""
        return self.answer_to(request, read_nearby(Params(request.GET), language=self.language))


class SuggestionsView(SearchReadView):
    """What somebody who types may mean."""

    @extend_schema(**schema.SUGGESTIONS)
    def get(self, request: HttpRequest) -> HttpResponse:
        """Entries, categories and places for the beginning of a query, from two letters on."""
        params = Params(request.GET)
        text = params.text("q", limit=QUERY_LENGTH_MAX) or ""
        limit = params.integer("limit", minimum=1, maximum=SUGGESTIONS_MAX) or SUGGESTIONS_DEFAULT
        params.finish()
        found = selectors.suggest(text, language=self.language, limit=limit, at=timezone.now())
        body = list_body([msgspec.json.encode(line) for line in found], following=None, preceding=None)
        return answer(request, body, tag=content_tag(body, self.language.encode()))
