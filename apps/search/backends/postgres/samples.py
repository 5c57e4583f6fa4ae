"""What a sample of the entries that this process holds says of a question: who holds a word is a row of bits, and words are whole rows.

To count a hundred thousand hits is to visit as many rows, whatever the statement: 0.1 s. And to choose how to find hits is to guess how
many hold two words together, of which the counts of each say little. The sample (`services.sampling`) is 65,000 entries, drawn anew with
the statistics. Each frequent term is a number whose bits are the entries that hold it; words and filters are AND and OR of such numbers,
a microsecond each, and no statement is sent once the terms are known. What is no term is looked at in each hit: where there are more than
are enough, in every second, fourth … place, which are as random as the whole.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.core.process_cache import ProcessCache
from apps.search.backends.base import Filters
from apps.search.backends.postgres.estimates import STATISTICS_LIVE_S, Guess
from apps.search.backends.postgres.reading import Parameters, Reader
from apps.search.backends.postgres.sample_bits import bytes_of, every, integers, packed_bits, places_of, restored, unpacked
from apps.search.backends.postgres.sample_counts import Column, SampleHits, values_of
from apps.search.distances import great_circle_m

# Of so many hits that were looked at counts are within a few percent for the large values, which are those that are shown.
ENOUGH = 6_000
# Positions are whole millionths of a degree; one that is not known is none of them.
DEGREE, NOWHERE = 1_000_000, 2**31 - 1
# So many entries say how many lie in a box.
_LOOKED_THROUGH = 4_096
# A term, the number of its sample, and how long its rows are go before these.
_HEAD = struct.Struct(">iii")


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
class _Row:
    """Who holds a term, as bits of places, and of places by town, which only some questions want."""

    bits: int
    by_town: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with the terms of a question: for each frequent one, who holds it."""

    sample: Sample
    rows: Mapping[int, _Row]
    known: Mapping[int, int]

    def by_town(self) -> Drawn:
        """The same with places in their other order."""
        return Drawn(self.sample, self.rows, {number: unpacked(row.by_town) for number, row in self.rows.items()})

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
        stride = max(1, self.sample.size // _LOOKED_THROUGH)
        latitudes, longitudes = (self.sample.columns[name].numbers[::stride] for name in ("latitude", "longitude"))
        found = 0
        for box in boxes:
            west, south, east, north = (side * DEGREE for side in box)
            found += sum(
                west <= longitude <= east and south <= latitude <= north for latitude, longitude in zip(latitudes, longitudes, strict=True)
            )
        return (found + 2 * math.sqrt(found) + 3) * self.sample.documents / len(latitudes)

    def hits(
        self, bits: int, find_by_town: Callable[[], int], filters: Filters, *, is_placed: bool = False, enough: int | None = None
    ) -> SampleHits:
        """These, as far as they meet the filters that are no terms, and have a position if they must; of such as many as are enough.

        :param find_by_town: the same as bits of places by town.
        """
        sample, stride = self.sample, 1
        is_met = filters.schedules is None and filters.bbox is None and filters.circle is None
        if not is_met or is_placed:
            meets, latitudes = _meets(sample, filters), sample.columns["latitude"].numbers
            while bits.bit_count() > (ENOUGH if enough is None else enough) and stride < sample.size:
                stride *= 2
                bits &= every(stride, sample.size)
            kept = [place for place in places_of(bits) if (is_met or meets(place)) and not (is_placed and latitudes[place] == NOWHERE)]
            bits = unpacked(packed_bits(kept, sample.size))
            by_town = sample.columns["by_town"].numbers

            def find_by_town() -> int:
                return unpacked(packed_bits([by_town[place] for place in kept], sample.size))

        return SampleHits(sample.columns, bits, stride * sample.documents / sample.size, find_by_town)


_samples: ProcessCache[Sample] = ProcessCache(maxsize=1, ttl_s=lambda: STATISTICS_LIVE_S)
# Sixteen kilobytes each.
_held: ProcessCache[_Row] = ProcessCache(maxsize=512, ttl_s=lambda: STATISTICS_LIVE_S)


def drawn(reader: Reader, numbers: Collection[int]) -> Drawn | None:
    """The sample with these terms; None while there is none."""
    for _attempt in range(2):
        sample = _sample(reader)
        if not sample.size:
            return None
        rows = _rows(reader, sample, numbers)
        if rows is not None:
            return Drawn(sample, rows, {number: row.bits for number, row in rows.items()})
        # It was drawn anew a moment ago.
        _samples.clear()
    return None


def _rows(reader: Reader, sample: Sample, numbers: Collection[int]) -> Mapping[int, _Row] | None:
    """Who of the sample holds each of these terms; None when it is a former sample."""
    found: dict[int, _Row] = {}
    missing: list[int] = []
    for number in sample.terms.intersection(numbers):
        row = _held.get((sample.version, number))
        if row is None:
            missing.append(number)
        else:
            found[number] = row
    if missing:
        values = Parameters()
        wanted = values.bind(missing, "int[]")
        packed, count = reader.packed(
            "SELECT string_agg(int4send(term) || int4send(version) || int4send(length(bits)) || bits, ''::bytea), count(*)"
            f" FROM search_sample_bits WHERE term = ANY({wanted})",
            values,
        )
        if count < len(missing):
            return None
        at, width = 0, bytes_of(sample.size)
        while at < len(packed):
            number, version, length = _HEAD.unpack_from(packed, at)
            if version != sample.version:
                return None
            at += _HEAD.size
            both = restored(packed[at : at + length], 2 * width)
            found[number] = _held.set((version, number), _Row(unpacked(both[:width]), both[width:]))
            at += length
    return found


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


def _sample(reader: Reader) -> Sample:
    known = _samples.get(None)
    if known is not None:
        return known
    rows = reader.rows("SELECT name, version, documents, vals, numbers FROM search_sample_column", {})
    if not rows:
        return _samples.set(None, Sample())
    columns = {
        name: Column(values_of(name, json.loads(values or "[]")), integers(numbers)) for name, _version, _documents, values, numbers in rows
    }
    _name, version, documents, _values, _numbers = rows[0]
    terms = reader.rows("SELECT term FROM search_sample_bits WHERE version = %(version)s", {"version": version})
    return _samples.set(None, Sample(version, documents, columns, frozenset(row[0] for row in terms)))
