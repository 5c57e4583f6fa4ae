"""What a sample of the entries that this process holds says of a question: who holds a word is a row of bits, and words are whole rows.

To count a hundred thousand hits is to visit as many rows, whatever the statement: 0.1 s. And to choose how to find hits is to guess how
many hold two words together, of which the counts of each say little. The sample (`services.sampling`) is 65,000 entries in random order,
drawn anew with the statistics. Each frequent term is a number whose bits are the entries that hold it; words and filters are AND and OR
of such numbers, a microsecond each, and no statement is sent once the terms are known. To count values, those of some thousand hits are
enough (`ENOUGH`): where there are more, the first part of the sample, which is as random as the whole, answers for all.
"""

from __future__ import annotations

import functools
import json
import math
import uuid
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import byteorder
from typing import Any

from apps.core.process_cache import ProcessCache
from apps.search.backends.base import FacetValue, Filters
from apps.search.backends.postgres.estimates import STATISTICS_LIVE_S, Guess
from apps.search.backends.postgres.reading import Reader
from apps.search.distances import great_circle_m

# Counts of so many hits are within a few percent for the large values, which are those that are shown.
ENOUGH = 6_000
# Positions are whole millionths of a degree; one that is not known is none of them.
DEGREE, NOWHERE = 1_000_000, 2**31 - 1
# So many entries say how many lie in a box.
_LOOKED_THROUGH = 4_096
# To meet two rows of `SIZE_MAX` bits and count what is left, and to find one hit and look at its value.
SIZE_MAX = 65_536
_ROW_US, _HIT_US = 2.5, 0.15
# Rows of more values than this would take a process more than two megabytes.
_KINDS_MAX = 256


@dataclass(frozen=True)
class Column:
    """What each entry of the sample has: the place of its value among `values`."""

    values: Sequence[Any]
    numbers: Sequence[int]

    @functools.cached_property
    def holders(self) -> Mapping[FacetValue, int]:
        """Who has each value, as bits: of a list, each value in it. Made when it is first counted, some milliseconds."""
        digits: dict[FacetValue, bytearray] = {}
        size = len(self.numbers)
        of_number = [
            [digits.setdefault(value, bytearray(b"0" * size)) for value in self.each(number)] for number in range(len(self.values))
        ]
        for place, number in enumerate(self.numbers):
            for row in of_number[number]:
                row[size - 1 - place] = 0x31
        return {value: int(row, 2) for value, row in digits.items()}

    @functools.cached_property
    def kinds(self) -> int:
        """How many values count."""
        return len({value for number in range(len(self.values)) for value in self.each(number)})

    def each(self, number: int) -> list[FacetValue]:
        """What the value of a number counts as."""
        value = self.values[number]
        return [one for one in (value if isinstance(value, list) else [value]) if one is not None]


@dataclass(frozen=True, slots=True)
class Sample:
    """`columns` by name, `terms` that enough of it hold; `documents` is how many entries there were when it was drawn as `version`."""

    version: int = 0
    documents: int = 0
    columns: Mapping[str, Column] = field(default_factory=dict)
    terms: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """Entries of the sample."""
        return len(self.columns["category"].numbers) if self.columns else 0


@dataclass(frozen=True, slots=True)
class SampleHits:
    """The hits among the first `size` entries of a sample, as bits; each stands for `times` entries of the catalogue."""

    sample: Sample
    bits: int
    size: int
    times: float

    @property
    def count(self) -> int:
        """How many they are."""
        return self.bits.bit_count()

    @property
    def total(self) -> float:
        """Hits of the whole catalogue, more or less."""
        return self.count * self.times

    def guess(self) -> Guess:
        """How many hits the catalogue has: within twice the usual error."""
        error = 2 * math.sqrt(self.count) + 3
        return Guess(max((self.count - error) * self.times, 1.0), (self.count + error) * self.times)

    def counts(self, columns: Sequence[str]) -> dict[str, list[tuple[FacetValue, int]]]:
        """For each column its values with the number of hits that have them, most first, then by value."""
        # Who has a value is a row of bits as well: of some hundred values each is counted sooner than each hit is looked at.
        bit_us = _ROW_US * self.size / SIZE_MAX
        kinds = {name: self.sample.columns[name].kinds for name in columns}
        by_rows = {name for name, count in kinds.items() if count <= _KINDS_MAX and count * bit_us < _HIT_US * self.count}
        places = [] if by_rows.issuperset(columns) else _places(self.bits)
        return {name: self._ordered(name, self._rows(name) if name in by_rows else self._looked_at(name, places)) for name in columns}

    def _rows(self, name: str) -> Mapping[FacetValue, int]:
        bits = self.bits
        return {value: count for value, row in self.sample.columns[name].holders.items() if (count := (bits & row).bit_count())}

    def _looked_at(self, name: str, places: Sequence[int]) -> Mapping[FacetValue, int]:
        column = self.sample.columns[name]
        counted: Counter[FacetValue] = Counter()
        for number, count in Counter(map(column.numbers.__getitem__, places)).items():
            for value in column.each(number):
                counted[value] += count
        return counted

    def _ordered(self, name: str, counted: Mapping[FacetValue, int]) -> list[tuple[FacetValue, int]]:
        found: list[tuple[FacetValue, int]] = [
            (uuid.UUID(str(value)) if name == "quarter" else value, max(1, round(count * self.times))) for value, count in counted.items()
        ]
        return sorted(found, key=lambda item: (-item[1], str(item[0])))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with the terms of a question: for each frequent one, who holds it."""

    sample: Sample
    known: Mapping[int, int]

    @property
    def everybody(self) -> int:
        """All bits."""
        return (1 << self.sample.size) - 1

    def holding(self, numbers: Iterable[int]) -> int:
        """Who holds one of these terms; of rare ones nothing is known."""
        found = 0
        for number in numbers:
            found |= self.known.get(number, 0)
        return found

    def guess(self, bits: int) -> Guess:
        """How many entries of the catalogue these stand for: within twice the usual error."""
        hits, times = bits.bit_count(), self.sample.documents / self.sample.size
        # A sample of everything has no error but its age.
        error = (2 * math.sqrt(hits) + 3) * (1 - 1 / times) if times > 1 else 0.0
        return Guess(max((hits - error) * times, 1.0), (hits + error) * times + 1)

    def in_boxes(self, boxes: Sequence[tuple[float, float, float, float]]) -> float:
        """At most so many entries lie in one of these boxes, by a part of the sample that is soon looked through."""
        found, size = 0, min(self.sample.size, _LOOKED_THROUGH)
        latitudes, longitudes = (self.sample.columns[name].numbers[:size] for name in ("latitude", "longitude"))
        for box in boxes:
            west, south, east, north = (side * DEGREE for side in box)
            found += sum(
                west <= longitude <= east and south <= latitude <= north for latitude, longitude in zip(latitudes, longitudes, strict=True)
            )
        return (found + 2 * math.sqrt(found) + 3) * self.sample.documents / size

    def hits(self, bits: int, filters: Filters, *, is_placed: bool = False, enough: int | None = None) -> SampleHits:
        """These, as far as they meet the filters that are no terms, and have a position if they must: as many as are enough."""
        size = self.sample.size
        while bits.bit_count() > (ENOUGH if enough is None else enough) and size > 1:
            size //= 2
            bits &= (1 << size) - 1
        is_met = filters.schedules is None and filters.bbox is None and filters.circle is None
        if not is_met or is_placed:
            meets, latitudes = _meets(self.sample, filters), self.sample.columns["latitude"].numbers
            bits = _bits([
                place for place in _places(bits) if (is_met or meets(place)) and not (is_placed and latitudes[place] == NOWHERE)
            ], size)  # fmt: skip
        return SampleHits(self.sample, bits, size, self.sample.documents / size)


_samples: ProcessCache[Sample] = ProcessCache(maxsize=1, ttl_s=lambda: STATISTICS_LIVE_S)
# Eight kilobytes each.
_held: ProcessCache[int] = ProcessCache(maxsize=1_024, ttl_s=lambda: STATISTICS_LIVE_S)


def drawn(reader: Reader, numbers: Collection[int]) -> Drawn | None:
    """The sample with these terms; None while there is none."""
    for _attempt in range(2):
        sample = _sample(reader)
        if not sample.size:
            return None
        known = _terms(reader, sample, numbers)
        if known is not None:
            return Drawn(sample, known)
        # It was drawn anew a moment ago.
        _samples.clear()
    return None


def _terms(reader: Reader, sample: Sample, numbers: Collection[int]) -> Mapping[int, int] | None:
    """Who of the sample holds each of these terms, as bits; None when it is a former sample."""
    found = {number: _held.get((sample.version, number)) for number in sample.terms.intersection(numbers)}
    missing = [number for number, bits in found.items() if bits is None]
    if missing:
        rows = reader.rows("SELECT term, version, places FROM search_sample_term WHERE term = ANY(%(terms)s::int[])", {"terms": missing})
        if len(rows) < len(missing) or any(version != sample.version for _term, version, _places in rows):
            return None
        for term, version, places in rows:
            found[term] = _held.set((version, term), _bits(_integers(places), sample.size))
    return {number: bits or 0 for number, bits in found.items()}


def _meets(sample: Sample, filters: Filters) -> Callable[[int], bool]:
    """Whether the entry at a place meets the filters that are no terms."""
    schedules, latitudes, longitudes = (sample.columns[name] for name in ("schedule", "latitude", "longitude"))
    wanted = None if filters.schedules is None else set(filters.schedules)
    west, south, east, north = filters.bbox or (-180.0, -90.0, 180.0, 90.0)
    circle = filters.circle

    def meets(place: int) -> bool:
        if wanted is not None and schedules.values[schedules.numbers[place]] not in wanted:
            return False
        if filters.bbox is None and circle is None:
            return True
        latitude, longitude = latitudes.numbers[place] / DEGREE, longitudes.numbers[place] / DEGREE
        if not (south <= latitude <= north and west <= longitude <= east):
            return False
        return circle is None or great_circle_m(latitude, longitude, (circle.latitude, circle.longitude)) <= circle.radius_m

    return meets


def _bits(places: Iterable[int], size: int) -> int:
    """Places as bits of a number."""
    digits = bytearray(b"0" * size)
    for place in places:
        digits[size - 1 - place] = 0x31
    return int(digits, 2)


def _places(bits: int) -> list[int]:
    """Places of the bits that are set."""
    digits, found = f"{bits:b}"[::-1], []
    place = digits.find("1")
    while place >= 0:
        found.append(place)
        place = digits.find("1", place + 1)
    return found


def _integers(packed: bytes) -> array[int]:
    """Numbers of four bytes as PostgreSQL sends them."""
    numbers = array("i")
    numbers.frombytes(packed)
    if byteorder == "little":
        numbers.byteswap()
    return numbers


def _sample(reader: Reader) -> Sample:
    known = _samples.get(None)
    if known is not None:
        return known
    rows = reader.rows("SELECT name, version, documents, vals, numbers FROM search_sample_column", {})
    if not rows:
        return _samples.set(None, Sample())
    columns = {name: Column(json.loads(values or "[]"), _integers(numbers)) for name, _version, _documents, values, numbers in rows}
    _name, version, documents, _values, _numbers = rows[0]
    terms = reader.rows("SELECT term FROM search_sample_term WHERE version = %(version)s", {"version": version})
    return _samples.set(None, Sample(version, documents, columns, frozenset(row[0] for row in terms)))
