"""What is searched for, counted without personal data: `docs/decisions/0009-search-analytics.md` says how and why."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.utils import timezone

from apps.search import tally
from apps.search.analysis import forms
from apps.search.askers import Asker
from apps.search.constants import SHARED_FROM
from apps.search.models import ListingQueryDay, PlaceDemand, SearchClicks, SearchDemand, SharedQuery, SharedQueryDay, UnansweredDay
from apps.search.questions import NOWHERE, Where
from apps.search.services.demand_details import click_details, details_of, write_details, write_places

TEXT_MIN, TEXT_MAX, WORDS_MAX = 2, 60, 8
# A phone number has nine digits, an identity card eight or more; « lycée 2 » and « h24 » have few.
DIGITS_MAX = 3
POSITION_MAX = 100
# Of a day, those that most people asked for.
SHARED_MAX = 2_000
KEPT_DAYS = 400
# Redis keeps a day so long when no worker comes.
DAYS_BACK = 2

_MARKS = ("@", "://", "www.")
_TOTALS = """
INSERT INTO search_demand (day, language, channel, searches, empty, clicks)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (day, language, channel) DO UPDATE SET searches = greatest(search_demand.searches, excluded.searches),
    empty = greatest(search_demand.empty, excluded.empty), clicks = greatest(search_demand.clicks, excluded.clicks)
"""
_CLICKS = """
INSERT INTO search_clicks (day, language, position, clicks)
SELECT %s, * FROM unnest(%s::text[], %s::smallint[], %s::int[])
ON CONFLICT (day, language, position) DO UPDATE SET clicks = greatest(search_clicks.clicks, excluded.clicks)
"""
_SHARED = """
INSERT INTO search_shared_query (language, text, shared_on) SELECT language, text, %s FROM unnest(%s::text[], %s::text[]) n(language, text)
ORDER BY text, language
ON CONFLICT (text, language) DO UPDATE SET shared_on = greatest(search_shared_query.shared_on, excluded.shared_on)
"""
# Words that were shared once are no secret any more: they are counted on days when few ask for them, too.
_SHARED_DAYS = """
INSERT INTO search_shared_query_day (query_id, day, searches, empty, clicks, positions)
SELECT q.id, %s, n.searches, n.empty, n.clicks, n.positions
FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[]) n(language, text, searches, empty, clicks, positions)
JOIN search_shared_query q ON q.text = n.text AND q.language = n.language
ORDER BY q.id
ON CONFLICT (query_id, day) DO UPDATE SET searches = greatest(search_shared_query_day.searches, excluded.searches),
    empty = greatest(search_shared_query_day.empty, excluded.empty), clicks = greatest(search_shared_query_day.clicks, excluded.clicks),
    positions = greatest(search_shared_query_day.positions, excluded.positions)
"""


def count_search(
    *,
    text: str,
    language: str,
    channel: SearchDemand.Channel,
    found: int,
    asker: Asker | None,
    at: dt.datetime,
    shown: Sequence[uuid.UUID] = (),
    where: Where = NOWHERE,
) -> bool:
    """Count a search of somebody; False when it was counted already today, or is nobody's.

    Costs one call of Redis, or nothing while that is away; never fails.

    :param found: hits. :param asker: None for a robot. :param shown: the entries on the page, in their order.
    :param where: the place and category that were asked for.
    """
    words = forms(text)
    if asker is None or not words:
        return False
    of_empty = {} if found else {"e": 1}
    letters = ("s", *of_empty)
    totals = [f"{language}|{channel}|{letter}" for letter in letters]
    # Whoever asks not to be told apart is not placed either (contracts, section 8).
    if asker.name and (where.city or where.category):
        totals += [f"where|{where.city}|{where.category}|{letter}" for letter in letters]
    details = details_of(shown, where, is_empty=not found)
    return _count("s", words, text, language, asker, totals=totals, amounts={"s": 1, **of_empty}, details=details, at=at)


def count_click(*, text: str, language: str, position: int, asker: Asker | None, at: dt.datetime, opened: uuid.UUID | None = None) -> bool:
    """Count that somebody opened the result at a place of the list, from 1; as `count_search`.

    :param text: what was searched, "" when it is not known. :param opened: the entry.
    """
    if asker is None or not 1 <= position <= POSITION_MAX:
        return False
    totals = [f"{language}|{SearchDemand.Channel.PAGE}|c", f"{language}|at|{position}"]
    details = click_details(opened)
    return _count(
        f"c{position}", forms(text), text, language, asker, totals=totals, amounts={"c": 1, "p": position}, details=details, at=at
    )


def kept_words(text: str) -> str:
    """The folded words as they may be counted, "" when they may be somebody's: an address, a number, a whole sentence."""
    words = forms(text)
    folded = " ".join(words)
    if sum(c.isdigit() for c in text) > DIGITS_MAX or any(mark in text.lower() for mark in _MARKS):
        return ""
    return folded if TEXT_MIN <= len(folded) <= TEXT_MAX and len(words) <= WORDS_MAX else ""


def flush_demand(*, at: dt.datetime) -> int:
    """Write what Redis counted; returns the number of words written. Harmless when repeated: counts of a day only grow.

    A day that is over is forgotten in Redis, and with it every word that few people asked for.
    """
    today, written = timezone.localdate(at), 0
    for day in (today - dt.timedelta(days=back) for back in range(DAYS_BACK, -1, -1)):
        counted = tally.read(day)
        if counted.totals:
            written += write_demand(day=day, counted=counted)
        if day < today:
            tally.forget(day)
    return written


@transaction.atomic
def write_demand(*, day: dt.date, counted: tally.Tally) -> int:
    """Write a day's counts over lower ones; returns the number of words written."""
    totals: dict[tuple[str, str], dict[str, int]] = {}
    clicks: list[tuple[str, int, int]] = []
    for name, number in counted.totals.items():
        if name.startswith("where|"):
            continue
        language, kind, letter = name.split("|")
        if kind == "at":
            clicks.append((language, int(letter), number))
        else:
            totals.setdefault((language, kind), {})[letter] = number
    asked = sorted(counted.texts.items(), key=lambda one: (-one[1].get("s", 0), one[0]))
    shared = [_pair(name) for name, counts in asked[:SHARED_MAX] if counts.get("s", 0) >= SHARED_FROM]
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [day, *_columns(totals), *_letters(totals.values(), "sec")])
        cursor.execute(_CLICKS, [day, *([row[column] for row in clicks] for column in range(3))])
        cursor.execute(_SHARED, [day, *_columns(shared)])
        cursor.execute(
            _SHARED_DAYS, [day, *_columns(_pair(name) for name, _counts in asked), *_letters((row for _name, row in asked), "secp")]
        )
        written = int(cursor.rowcount)
    write_places(day=day, totals=counted.totals)
    write_details(day=day, details=counted.details)
    return written


def prune_demand(*, at: dt.datetime) -> int:
    """Forget days after `KEPT_DAYS`, and words that nobody shared since; returns how many rows."""
    first = timezone.localdate(at) - dt.timedelta(days=KEPT_DAYS)
    gone = SharedQuery.objects.filter(shared_on__lt=first).delete()[0]
    for model in (SharedQueryDay, SearchDemand, SearchClicks, ListingQueryDay, PlaceDemand, UnansweredDay):
        gone += model.objects.filter(day__lt=first).delete()[0]
    return gone


def _count(
    what: str,
    words: list[str],
    text: str,
    language: str,
    asker: Asker,
    *,
    totals: list[str],
    amounts: Mapping[str, int],
    details: Mapping[str, int],
    at: dt.datetime,
) -> bool:
    """Count an event once a day for each asker and words; of an asker who asks not to be told apart only the totals."""
    day = timezone.localdate(at)
    if not asker.name:
        return tally.count(day, pair=b"", totals=totals)
    salt = tally.salt_of(day, at=at)
    if salt is None:
        return False
    # One hash of everything: not even today can two searches of one person be put side by side.
    pair = hashlib.blake2b("\0".join((what, language, " ".join(words), asker.name)).encode(), key=salt, digest_size=8).digest()
    kept = kept_words(text)
    return tally.count(
        day, pair=pair, totals=totals, text=f"{language}|{kept}" if kept else "", amounts=amounts, details=details if kept else {}
    )


def _pair(name: str) -> tuple[str, str]:
    """Language and text."""
    language, text = name.split("|", 1)
    return language, text


def _columns(names: Iterable[tuple[str, str]]) -> list[list[str]]:
    pairs = list(names)
    return [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]


def _letters(rows: Iterable[Mapping[str, int]], letters: str) -> list[list[int]]:
    made = list(rows)
    return [[row.get(letter, 0) for row in made] for letter in letters]
