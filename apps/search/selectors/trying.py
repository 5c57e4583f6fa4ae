"""What drafts of synonyms would change: the same questions before and after, on the engine that serves."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.search.models import SynonymChange, SynonymGroup
from apps.search.questions import SearchAnswer, SearchQuestion
from apps.search.selectors import finding
from apps.search.selectors.demand import demand_report
from apps.search.selectors.live import live_sources
from apps.search.selectors.reading import clean
from apps.search.selectors.synonyms import tried_synonyms

SHOWN_MAX = 8
QUERIES_MAX = 10


@dataclass(frozen=True, slots=True)
class TriedHit:
    """A hit of one side. :ivar place: from 1. :ivar won, lost: places since before. :ivar is_alone: the other side lacks it."""

    name: str
    detail: str
    place: int
    won: int = 0
    lost: int = 0
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """The first hits of one side, and how many there are."""

    hits: Sequence[TriedHit]
    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """One query with the published synonyms, and with the tried ones."""

    query: str
    before: Side
    after: Side

    @property
    def is_changed(self) -> bool:
        """Whether anybody would see a difference."""
        return [hit.name for hit in self.before.hits] != [hit.name for hit in self.after.hits] or self.before.total != self.after.total


def synonym_groups() -> QuerySet[SynonymGroup, SynonymGroup]:
    """All groups, each with `was_published`: whether it is or was in service."""
    return SynonymGroup.objects.annotate(was_published=Exists(SynonymChange.objects.filter(group=OuterRef("pk"))))


def waiting() -> Q:
    """Of `synonym_groups`, those that wait for their publication: new ones, and changed drafts. What was withdrawn does not wait."""
    return Q(was_published=False) | (Q(published__isnull=False) & ~Q(words=F("published")))


def recorded_queries(*, last: dt.date) -> list[str]:
    """What several people searched in the four weeks up to `last`: what found nothing first, then the most frequent; at most ten."""
    report = demand_report(first=last - dt.timedelta(days=27), last=last)
    return list(dict.fromkeys(one.text for one in (*report.unanswered, *report.top)))[:QUERIES_MAX]


def try_synonyms(
    queries: Sequence[str], *, group_ids: Collection[uuid.UUID], is_withdrawal: bool, language: str, at: dt.datetime
) -> list[Trial]:
    """The first answers to each query, at most ten queries, as they are and as they would be. Nothing of it is remembered.

    :param group_ids: whose drafts are tried. :param is_withdrawal: without these groups instead.
    """
    before = live_sources()
    after = replace(before, synonyms=tried_synonyms(group_ids, is_withdrawal=is_withdrawal))
    made = []
    for query in queries[:QUERIES_MAX]:
        question = SearchQuestion(text=clean(query), language=language, limit=SHOWN_MAX)
        made.append(_trial(question.text, *(finding.search(question, at=at, sources=sources) for sources in (before, after)), at=at))
    return made


def _trial(query: str, before: SearchAnswer, after: SearchAnswer, *, at: dt.datetime) -> Trial:
    places = [{hit.card.id: place for place, hit in enumerate(answer.hits, 1)} for answer in (before, after)]

    def side(answer: SearchAnswer, other: dict[uuid.UUID, int], *, is_after: bool) -> Side:
        hits = []
        for place, hit in enumerate(answer.hits, 1):
            data = hit.card.data(at)
            detail = ", ".join(data[name]["name"] for name in ("category", "quarter", "city") if data[name])
            moved = other.get(hit.card.id, place) - place if is_after else 0
            hits.append(TriedHit(data["name"], detail, place, max(moved, 0), max(-moved, 0), hit.card.id not in other))
        return Side(hits, answer.total, answer.is_exact)

    return Trial(query, side(before, places[1], is_after=False), side(after, places[0], is_after=True))
