"""The SQL of lists: one statement a page, whatever the filter. Text only; nothing here reads.

Order is plan rank, publication, id, all descending. Each filter shape walks an index that ends in this order, so a page
costs the same at any depth. Several categories, towns or plans are one probe of the index each, merged. A box is
decided by a probe: few positions inside are fetched and sorted, many are met soon enough by walking the order
(performance, section 6).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from apps.catalog.selectors.filters import BoundingBox, CardFilter
from apps.catalog.selectors.reader import Value, encode

# At most so many cards of a box are fetched and sorted; in a smaller catalogue fewer.
BOX_PROBE = 4000

ALL_RANKS = (2, 1, 0)
_KEYS = "plan_rank, published_at, resource_id"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of a list: everything strictly behind it, or before it when the list is read backwards."""

    plan_rank: int
    published_at: str
    resource_id: str


@dataclass
class Statement:
    """Parts of a statement while it is made. `is_frequent` says that one plan is good for all values."""

    values: list[bytes] = field(default_factory=list)
    is_frequent: bool = True

    def bind(self, value: Value, cast: str) -> str:
        """The placeholder of a value."""
        self.values.append(encode(value))
        return f"${len(self.values)}::{cast}"


@functools.lru_cache(maxsize=1024)
def list_statement(
    chosen: CardFilter,
    *,
    language: str,
    columns: str,
    rows: int,
    passed: int = 0,
    place: Place | None = None,
    is_backward: bool = False,
    is_newest: bool = False,
) -> tuple[str, Statement]:
    """The statement of a page of `rows` cards after `passed` others, which are passed over by their keys alone.

    :param columns: of `resource_card`, named `c`.
    :param place: the page begins behind it; with `is_backward` it ends before it, and comes in the opposite order.
    :param is_newest: order by publication and id only.
    """
    made = Statement()
    keys = _KEYS.removeprefix("plan_rank, ") if is_newest else _KEYS
    direction = "ASC" if is_backward else "DESC"
    order = ", ".join(f"{key} {direction}" for key in keys.split(", "))
    language_is = f"language = {made.bind(language, 'text')}"
    conditions = [language_is]
    if place is not None:
        conditions.append(_behind(made, place, keys=keys, is_backward=is_backward))
    equal, probes = _dimensions(made, chosen, is_newest=is_newest)
    others = _others(made, chosen)
    made.is_frequent = not others and chosen.bbox is None
    conditions += equal + others
    if not probes and not passed and chosen.bbox is None:
        return f"SELECT {columns} FROM resource_card c WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {rows}", made
    kept = _rounded(rows + passed) if passed else rows
    walk = conditions if chosen.bbox is None else [*conditions, _inside_plainly(made, chosen.bbox)]
    keys_read = _probed(walk, probes, order, kept) if probes else _walked(walk, order, kept)
    head = ""
    if chosen.bbox is not None:
        head, keys_read = _boxed(
            _box(made, chosen.bbox), [*conditions, *_among(probes)], walk=keys_read, order=f"ORDER BY {order} LIMIT {kept}"
        )
    joined = ", ".join(f"k.{key} {direction}" for key in keys.split(", "))
    page = f"SELECT * FROM ({keys_read}) m ORDER BY {order} LIMIT {rows} OFFSET {made.bind(passed, 'int')}"
    card = f"JOIN resource_card c ON c.{language_is} AND c.resource_id = k.resource_id"
    return f"{head}SELECT {columns} FROM ({page}) k {card} ORDER BY {joined}", made


def _rounded(count: int) -> int:
    """The next of 128, 512, 2048…: offsets share their statements, whose limit the planner must know."""
    limit = 128
    while limit < count:
        limit *= 4
    return limit


def _behind(made: Statement, place: Place, *, keys: str, is_backward: bool) -> str:
    values: dict[str, tuple[Value, str]] = {
        "plan_rank": (place.plan_rank, "int2"),
        "published_at": (place.published_at, "timestamptz"),
        "resource_id": (place.resource_id, "uuid"),
    }
    bound = ", ".join(made.bind(*values[key]) for key in keys.split(", "))
    return f"({keys}) {'>' if is_backward else '<'} ({bound})"


def _dimensions(made: Statement, chosen: CardFilter, *, is_newest: bool) -> tuple[list[str], list[str]]:
    """Equalities of the index that will be walked, and for several values the probes that replace each."""
    ranks = chosen.plan_ranks or (ALL_RANKS if is_newest else None)
    equal: list[str] = []
    probes: list[str] = []
    if chosen.has_type_order:
        equal.append(f"resource_type = {made.bind(chosen.resource_types[0], 'text')}")  # type: ignore[index]  # it has one
    dimensions = [
        ("quarter_id", chosen.quarters, "uuid"),
        # A quarter is in one town and holds few entries: its own index is the one to walk.
        ("city_number", None if chosen.quarters else chosen.cities, "int2"),
        ("category_number", None if chosen.quarters else chosen.categories, "int2"),
        ("plan_rank", ranks, "int2"),
    ]
    for column, values, kind in dimensions:
        if values is None:
            continue
        if len(values) == 1:
            equal.append(f"{column} = {made.bind(values[0], kind)}")
        else:
            probes.append(f"unnest({made.bind(values, f'{kind}[]')}) AS p_{column}(wanted_{column})")
    return equal, probes


def _others(made: Statement, chosen: CardFilter) -> list[str]:
    """Conditions that no order index begins with."""
    found: list[str] = []
    if chosen.quarters and chosen.cities:
        found.append(f"city_number = ANY({made.bind(chosen.cities, 'int2[]')})")
    if chosen.quarters and chosen.categories:
        found.append(f"category_number = ANY({made.bind(chosen.categories, 'int2[]')})")
    types = chosen.resource_types
    if types and len(types) == 1 and not chosen.has_type_order:
        found.append(f"resource_type = {made.bind(types[0], 'text')}")
    elif types and len(types) > 1:
        found.append(f"resource_type = ANY({made.bind(types, 'text[]')})")
    if chosen.verified is not None:
        found.append("verified" if chosen.verified else "NOT verified")
    if chosen.has:
        # Said again for the partial index.
        found.append("attributes <> '{}'")
    found += [f"attributes {'@>' if len(group) == 1 else '&&'} {made.bind(group, 'varchar[]')}" for group in chosen.has]
    if chosen.created_from:
        found.append(f"created_at >= {made.bind(chosen.created_from, 'timestamptz')}")
    if chosen.created_until:
        found.append(f"created_at <= {made.bind(chosen.created_until, 'timestamptz')}")
    if chosen.open_now:
        found.append("hours IS NOT NULL")
    return found


def _walked(conditions: list[str], order: str, kept: int) -> str:
    """The first cards in the order of an index."""
    return f"SELECT {_KEYS} FROM resource_card c WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {kept}"


def _probed(conditions: list[str], probes: list[str], order: str, kept: int) -> str:
    """One walk of an index for each combination of the probes."""
    columns = [probe.rsplit("wanted_", 1)[1].rstrip(")") for probe in probes]
    each = [*conditions, *(f"{column} = wanted_{column}" for column in columns)]
    return f"SELECT x.* FROM {' CROSS JOIN '.join(probes)} CROSS JOIN LATERAL ({_walked(each, order, kept)}) x"


def _box(made: Statement, bbox: BoundingBox) -> str:
    west, south, east, north = bbox
    return made.bind(f"({east!r},{north!r}),({west!r},{south!r})", "box")


def _inside_plainly(made: Statement, bbox: BoundingBox) -> str:
    """The box as a question that no index answers and that the planner takes for a coin's toss: the walk stays a walk."""
    return f"CASE WHEN geo <@ {_box(made, bbox)} THEN true ELSE false END"


def _among(probes: list[str]) -> list[str]:
    """The conditions that probes stand for."""
    split = [probe.split(" AS p_") for probe in probes]
    return [f"{name.split('(')[0]} IN (SELECT {unnest})" for unnest, name in split]


def _boxed(box: str, conditions: list[str], *, walk: str, order: str) -> tuple[str, str]:
    """Fetch and sort when the box holds few cards, walk the order otherwise; only one of the two runs."""
    # OFFSET 0 keeps the planner from moving the order into the fetch.
    fetch = (
        f"SELECT {_KEYS} FROM (SELECT * FROM resource_card WHERE geo <@ {box} OFFSET 0) c"
        f" WHERE {' AND '.join(conditions)} AND (SELECT is_small FROM probe) {order}"
    )
    # Fetching n cards costs 2 n reads (both languages are in the index), walking N to a page of 20 about 20 N / n.
    head = (
        f"WITH few AS MATERIALIZED (SELECT least({BOX_PROBE}, greatest(100, sqrt(20 * greatest(reltuples, 0))))::int AS n"
        " FROM pg_class WHERE oid = 'resource_card'::regclass), probe AS MATERIALIZED (SELECT count(*) < (SELECT n FROM few)"
        f" AS is_small FROM (SELECT 1 FROM resource_card WHERE geo <@ {box} LIMIT (SELECT n FROM few)) b) "
    )
    return head, f"({fetch}) UNION ALL (SELECT * FROM ({walk}) w WHERE NOT (SELECT is_small FROM probe))"
