"""Opening hours as people write them in French and English, as a week.

The text is cut into words; every one must be known, else nothing is understood: half a schedule would send people to a closed door.
Words make days, times, `closed` and `except`; these bind to each other by their order (`lundi 8h-17h`, `8h-17h du lundi au samedi`,
`fermé dimanche`).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field

from apps.catalog.osm_hours import Week

_DAY_WORDS = {
    0: "dimanche dimanches dim di sunday sundays sun su",
    1: "lundi lundis lun lu monday mondays mon mo",
    2: "mardi mardis mar ma tuesday tuesdays tues tue tu",
    3: "mercredi mercredis merc mer me wednesday wednesdays weds wed we",
    4: "jeudi jeudis jeu je thursday thursdays thurs thur thu th",
    5: "vendredi vendredis vend ven ve friday fridays fri fr",
    6: "samedi samedis sam sa saturday saturdays sat",
}
_DAYS = {word: day for day, words in _DAY_WORDS.items() for word in words.split()}
_TO = frozenset({"-", "a", "au", "to", "until", "till", "through", "thru", "jusqu'a", "jusqu'au", "jusque"})
_AND = frozenset({"et", "and", "&", "+", "puis", ",", "/", "then"})
# What may stand anywhere and changes nothing.
_NOISE = frozenset({
    "de", "du", "des", "le", "les", "la", "l'", "from", "on", "the", "at", "ouvert", "ouverte", "ouverts", "ouverture", "ouvre", "open",
    "opens", "opening", "horaire", "horaires", "heure", "heures", "hours", "hour", "d'ouverture", "nous", "sommes", "we", "are",
    "service", "entre", "between", "chaque", "every", "each", "tous", "toute", "jour", "day", "non", "stop", "nonstop", "sans",
    "interruption", "journee", "continue", "matin", "morning", "soir", "evening", "afternoon", "aussi", "also", "y", "compris",
    "inclus", "included", ":", "(", ")", "=", "-",
})  # fmt: skip
_SEPARATORS = frozenset({";", "|", "\n", "."})
_CLOSED = frozenset({"ferme", "fermee", "fermes", "fermeture", "closed", "off", "close"})
_EXCEPT = frozenset({"sauf", "except", "excepte", "hormis", "hors", "but"})
_HOLIDAY = frozenset({"ph", "sh", "feries", "ferie", "holidays", "holiday"})
_TOKEN = re.compile(
    r"(?P<always>24\s*(?:h|heures?|hours?|hrs?)?\s*(?:/|sur)\s*(?:24\s*(?:h|heures?)?|7\s*(?:j|jours?|days?)?)(?![\d:h])|24\s*(?:hours|hrs|heures)\b)"
    r"|(?P<daily>7\s*(?:j|jrs|jours?|days?|d)?\s*(?:/|sur)\s*7\s*(?:j|jours?|days?)?(?![\d:h])|(?:tous\s+les\s+jours|chaque\s+jour|every\s?day|daily"
    r"|quotidiennement|toute\s+la\s+semaine|all\s+week|7\s+days\s+a\s+week|7\s+days|7\s+jours)\b)"
    r"|(?P<weekdays>(?:en\s+semaine|weekdays?|week\s+days|jours\s+ouvres)\b)|(?P<weekend>(?:le\s+)?(?:les\s+)?week-?\s?ends?\b)"
    r"|(?P<holiday>(?:jours?\s+feries?|public\s+holidays?|bank\s+holidays?|holidays?|feries?|ph|sh)\b)"
    r"|(?P<noise>apres[-\s]midi|after-?noon)\b"
    r"|(?P<twelve>midi|noon|minuit|midnight)\b"
    r"|(?P<hour>\d{1,2})\s*(?:(?:h(?:eures?|rs?)?|:)\s*(?:(?P<minute>[0-5]\d)(?!\s*[h:\d])(?::00)?\s*(?:min|mn)?)?|\.(?P<decimal>[0-5]\d))"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?"
    r"|(?P<plain>\d{1,2})\s*(?P<plainhalf>[ap]\.?\s?m\b\.?)?(?!\d)"
    r"|(?P<word>jusqu'aux?|jusqu'a|d'ouverture|l'|[a-z]+)"
    r"|(?P<mark>[-,;:/&+|().=\n])"
    r"|(?P<other>\S)"
)
_MONTHS = re.compile(
    r"\b(?:20\d\d|janv?(?:ier)?|fevr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout|sept?(?:embre)?|oct(?:obre)?|nov(?:embre)?|dec(?:embre)?"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
WHOLE_DAY = (dt.time(0), dt.time(0))
TEXT_MAX = 500
# `Vend.`: a point behind so few letters ends no sentence.
ABBREVIATION_MAX = 4

Interval = tuple[dt.time, dt.time]


@dataclass(slots=True)
class _Item:
    """One thing that the words say. `kind` is `day`, `time`, `closed`, `except` or `end`; a public holiday is no day of the week."""

    kind: str
    days: list[int] = field(default_factory=list)
    times: list[Interval] = field(default_factory=list)


@dataclass(slots=True)
class _Token:
    kind: str
    text: str = ""
    minutes: int = 0
    is_sure: bool = True
    half: str = ""


class _NotUnderstood(Exception):
    """A word or an order of words that could mean several things."""


def is_dated(text: str) -> bool:
    """Whether the text speaks of certain dates or months: no week, whatever else it says."""
    return _MONTHS.search(_folded(text)) is not None


def parse(text: str) -> Week | None:
    """The week that a text says, as {day (0 = Sunday): [(open, close), …]}; a day said to be closed has none, one not spoken of is missing.

    None when any word is not understood, when times have no days, or when two parts say different things of one day.
    """
    if not text or len(text) > TEXT_MAX:
        return None
    try:
        binder = _Binder()
        for item in _items(_tokens(_folded(text))):
            binder.take(item)
        return binder.week() or None
    except _NotUnderstood:
        return None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub("[‐‑‒–—−~→]", "-", plain.replace("’", "'").replace("œ", "oe"))


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if match["hour"] is not None:
            minute = match["minute"] or match["decimal"] or "0"
            tokens.append(_time(int(match["hour"]), int(minute), match["half"], is_sure=True))
        elif match["plain"] is not None:
            tokens.append(_time(int(match["plain"]), 0, match["plainhalf"], is_sure=match["plainhalf"] is not None))
        elif match["twelve"] is not None:
            tokens.append(_Token("time", match["twelve"], 720 if match["twelve"] in {"midi", "noon"} else 0))
        elif kind in {"word", "mark"}:
            tokens.append(_Token(kind, match[0]))
        elif kind == "other":
            raise _NotUnderstood
        else:
            tokens.append(_Token(kind, match[0]))
    return tokens


def _time(hour: int, minute: int, half: str | None, *, is_sure: bool) -> _Token:
    letter = half[0] if half else ""
    if letter:
        if not 1 <= hour <= 12:
            raise _NotUnderstood
        hour = hour % 12 + (12 if letter == "p" else 0)
    if hour > 24 or (hour == 24 and minute):
        raise _NotUnderstood
    return _Token("time", "", hour * 60 + minute, is_sure, letter)


def _items(tokens: list[_Token]) -> list[_Item]:
    items: list[_Item] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "time":
            times, index = _read_times(tokens, index)
            items.append(_Item("time", times=times))
        elif token.kind == "always":
            items.append(_Item("time", times=[WHOLE_DAY]))
            index += 1
        elif _days_of(token) is not None:
            days, index = _read_days(tokens, index)
            items.append(_Item("day", days=days))
        else:
            item = _small(token)
            if item is not None:
                items.append(item)
            index += 1
    return items


def _small(token: _Token) -> _Item | None:
    """What a word by itself says; None when it says nothing."""
    if token.kind == "holiday":
        return _Item("day")
    if token.text in _CLOSED:
        return _Item("closed")
    if token.text in _EXCEPT:
        return _Item("except")
    if token.text in _SEPARATORS:
        return _Item("end")
    if token.kind == "noise" or token.text in _NOISE or token.text in _AND:
        return None
    raise _NotUnderstood


def _days_of(token: _Token) -> list[int] | None:
    if token.kind == "daily":
        return list(range(7))
    if token.kind == "weekdays":
        return [1, 2, 3, 4, 5]
    if token.kind == "weekend":
        return [6, 0]
    day = _DAYS.get(token.text) if token.kind == "word" else None
    return None if day is None else [day]


def _skip(tokens: list[_Token], index: int, words: frozenset[str]) -> int:
    while index < len(tokens) and tokens[index].text in words:
        index += 1
    return index


_ARTICLES = frozenset({"le", "les", "de", "du", "the", "on"})
_LINKS = _AND | _ARTICLES


def _read_days(tokens: list[_Token], index: int) -> tuple[list[int], int]:
    """Days joined by `au`, `et` and commas, and the index behind them."""
    days: list[int] = []
    while True:
        here = _days_of(tokens[index]) or []
        single = tokens[index].kind == "word"
        index += 1
        # `Ven.`: the point of an abbreviation ends nothing when a day, a time or a dash follows.
        if single and len(tokens[index - 1].text) <= ABBREVIATION_MAX and index + 1 < len(tokens) and tokens[index].text == ".":
            index += 1
        ahead = _skip(tokens, index, _TO)
        if ahead > index and ahead < len(tokens) and single and (last := _days_of(tokens[ahead])) and tokens[ahead].kind == "word":
            days += [(here[0] + step) % 7 for step in range((last[0] - here[0]) % 7 + 1)]
            index = ahead + 1
            if len(tokens[ahead].text) <= ABBREVIATION_MAX and index + 1 < len(tokens) and tokens[index].text == ".":
                index += 1
        else:
            days += here
        ahead = _skip(tokens, index, _LINKS)
        if ahead == index or ahead >= len(tokens) or _days_of(tokens[ahead]) is None:
            return list(dict.fromkeys(days)), index
        index = ahead


def _read_times(tokens: list[_Token], index: int) -> tuple[list[Interval], int]:
    """Intervals joined by `et`, commas and nothing, and the index behind them."""
    times: list[Interval] = []
    while True:
        ahead = _skip(tokens, index + 1, _TO)
        if ahead == index + 1 or ahead >= len(tokens) or tokens[ahead].kind != "time":
            # `24h` by itself is the whole day; another time by itself opens or ends nothing that is known.
            if tokens[index].minutes == 24 * 60 and tokens[index].is_sure and not times:
                return [WHOLE_DAY], index + 1
            raise _NotUnderstood
        times.append(_interval(tokens[index], tokens[ahead]))
        index = ahead + 1
        ahead = _skip(tokens, index, _BETWEEN_TIMES)
        if ahead >= len(tokens) or tokens[ahead].kind != "time":
            return times, index
        index = ahead


_BETWEEN_TIMES = _AND | {"de", "from", "entre"}


def _interval(opens: _Token, closes: _Token) -> Interval:
    if not (opens.is_sure or closes.is_sure):
        raise _NotUnderstood
    start = opens.minutes
    if closes.half and not opens.half and not opens.text:
        # `9-6pm` begins in the morning; `1-5pm` may mean both.
        if start % 720 <= closes.minutes % 720 or start > 720:
            raise _NotUnderstood
    elif opens.half and not closes.half and closes.minutes <= 720:
        raise _NotUnderstood
    end = closes.minutes % 1440
    if start % 1440 == end and not (start == 0 and end == 0):
        raise _NotUnderstood
    return _clock(start % 1440), _clock(end)


def _clock(minutes: int) -> dt.time:
    return dt.time(minutes // 60, minutes % 60)


class _Binder:
    """Gives days their times, in the order of the text."""

    def __init__(self) -> None:
        self.clauses: list[tuple[list[int], list[Interval]]] = []
        # Days that wait for times, times that wait for days, and the word that waits for days: at most one of the three.
        self.days: list[int] | None = None
        self.times: list[Interval] | None = None
        self.waits = ""
        self.former = ""

    def take(self, item: _Item) -> None:
        """The next thing that the text says."""
        getattr(self, f"_{item.kind}")(item)
        self.former = item.kind

    def _day(self, item: _Item) -> None:
        if self.waits == "except":
            self._leave_out(item.days)
        elif self.waits == "closed":
            self.clauses.append((item.days, []))
        elif self.times is not None:
            self.clauses.append((item.days, self.times))
            self.times = None
        else:
            self.days = [*(self.days or []), *item.days]

    def _leave_out(self, days: list[int]) -> None:
        if self.days is not None:
            self.days = [day for day in self.days if day not in days]
        elif self.clauses:
            before, _times = self.clauses[-1] if self.former != "day" or len(self.clauses) < 2 else self.clauses[-2]
            before[:] = [day for day in before if day not in days]
        else:
            raise _NotUnderstood
        self.clauses.append((days, []))

    def _time(self, item: _Item) -> None:
        if self.days is not None:
            self.clauses.append((self.days, item.times))
            self.days = None
        elif self.waits == "except" and self.former == "day":
            # `lundi-samedi 8h-17h sauf samedi 8h-12h`: the day left out has times of its own.
            self.clauses[-1][1].extend(item.times)
        elif self.former == "time" and self.times is None and self.clauses:
            self.clauses[-1][1].extend(item.times)
        else:
            self.times = [*(self.times or []), *item.times]
        self.waits = ""

    def _closed(self, _item: _Item) -> None:
        if self.times is not None:
            raise _NotUnderstood
        if self.days is None:
            self.waits = "closed"
        else:
            self.clauses.append((self.days, []))
            self.days = None

    def _except(self, _item: _Item) -> None:
        if self.times is not None:
            raise _NotUnderstood
        self.waits = "except"

    def _end(self, _item: _Item) -> None:
        # Days may stand in a line above their times; times before an end have no days any more.
        if self.times is not None and self.times != [WHOLE_DAY]:
            raise _NotUnderstood
        self.waits = ""

    def week(self) -> Week:
        """All clauses together."""
        if self.times == [WHOLE_DAY] and not self.clauses and self.days is None:
            return {day: [WHOLE_DAY] for day in range(7)}
        if self.days or self.times is not None or (self.waits and self.former == self.waits):
            raise _NotUnderstood
        week: Week = {}
        said: dict[int, int] = {}
        for days, times in self.clauses:
            for day in days:
                # A later part may only say more precisely what an earlier one said of more days.
                if day in week and week[day] != times and said[day] <= len(days):
                    raise _NotUnderstood
                week[day], said[day] = list(times), len(days)
        return week
