"""Answers of search: the cards' bytes as lists have them, each with what the search adds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from apps.catalog import selectors as catalog
from apps.core.api.answers import answer, content_tag, list_body, project
from apps.core.api.pagination import address_of, link_header
from apps.search.api.questions import AskedSearch
from apps.search.questions import FoundHit, SearchAnswer
from apps.search.selectors import Location


def search_response(request: HttpRequest, asked: AskedSearch, found: SearchAnswer, *, at: dt.datetime) -> HttpResponse:
    """A page of hits, and what helps to ask better."""
    more = _told(found, asked)
    cards, shown = catalog.CardPage([hit.card for hit in found.hits]).render(at)
    additions = [msgspec.json.encode(_addition(hit, asked)) for hit in found.hits]
    items = [b"%b,%b" % (card[:-1], addition[1:]) for card, addition in zip(cards, additions, strict=True)]
    if asked.fields:
        items = [project(item, asked.fields) for item in items]
    following, preceding = (_page(request, asked, cursor) for cursor in (found.next_cursor, found.previous_cursor))
    language = asked.question.language
    tag = content_tag(shown, *additions, msgspec.json.encode([following, preceding, more, asked.fields, language]))
    response = answer(request, list_body(items, following=following, preceding=preceding, **more), tag=tag)
    links = link_header(following, preceding)
    if links:
        response["Link"] = links
    return response


def _told(found: SearchAnswer, asked: AskedSearch) -> dict[str, Any]:
    """What helps to ask better, and the count when it was asked."""
    told: dict[str, Any] = {
        "facets": {
            name: [{"value": one.value, "name": one.name, "count": one.count, "selected": one.is_chosen} for one in options]
            for name, options in found.facets.items()
        },
        "highlights": {str(hit.card.id): {mark.member: mark.ranges for mark in hit.highlights} for hit in found.hits if hit.highlights},
        "did_you_mean": found.did_you_mean or None,
        "understood": found.understood,
        "partial": found.is_partial,
        "ways_out": found.ways_out,
    }
    if asked.location is not None:
        told["location"] = _location(asked.location)
    if asked.is_counted:
        told |= {"count": found.total, "count_relation": "eq" if found.is_exact else "gte"}
    return told


def _location(found: Location) -> dict[str, Any]:
    """What a typed place was understood as; a landmark with what was searched around it."""
    told: dict[str, Any] = {"kind": found.kind, "name": found.name, "value": found.value}
    if found.landmark is not None:
        told |= {"latitude": found.landmark.latitude, "longitude": found.landmark.longitude}
    return told


def _addition(hit: FoundHit, asked: AskedSearch) -> dict[str, Any]:
    """Members that an entry has in a search only."""
    added: dict[str, Any] = {"sponsored": hit.is_sponsored}
    if asked.question.point is not None:
        added["distance_m"] = hit.distance_m
    if asked.question.explain:
        added["reasons"] = hit.reasons
    return added


def _page(request: HttpRequest, asked: AskedSearch, cursor: str) -> str | None:
    # A cursor is made of characters that need no quoting.
    return f"{address_of(request, limit=asked.question.limit)}&cursor={cursor}" if cursor else None
