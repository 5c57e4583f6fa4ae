"""What is compared of two profiles, as numbers between 0 and 1. Each has its sentence in `reasons.py` and its weight in `weights.json`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from apps.ingestion.matching.keys import sound
from apps.ingestion.matching.kinds import ALIKE, VAGUE, levels
from apps.ingestion.matching.names import Name, group_of
from apps.ingestion.matching.profiles import Profile, distance_m
from apps.ingestion.matching.words import FAITHS, GOODS

_NEAR_STEPS = ((3, "at_3m"), (30, "at_30m"), (150, "at_150m"), (500, "at_500m"), (1500, "at_1500m"), (4000, "at_4km"), (12000, "at_12km"))
_NAMED_STEPS = tuple((limit, name.replace("at_", "name_within_")) for limit, name in _NEAR_STEPS[2:])
# Where one name is found at every corner: another one of it this far away is another place.
_TRADES = frozenset({"commerce", "restauration", "banque", "carburant", "voyage", "culte", "hotel"})
_TRADE_M = 250.0


def features(a: Profile, b: Profile) -> dict[str, float]:
    """Those that are not 0, by name; the same whichever of the two comes first."""
    return {name: value for name, value in all_features(a, b).items() if value}


def all_features(a: Profile, b: Profile) -> dict[str, float]:
    """`features` and some that are 0."""
    return finish(a, b, begin(a, b))


@dataclass(slots=True)
class Begun:
    """A comparison without the names: features so far (each 1), how well the sorts of place fit (0 to 1), and the distance."""

    found: dict[str, float]
    kind: float
    metres: float | None
    # Whether a number is in the names of both.
    is_numbered: bool


def begin(a: Profile, b: Profile) -> Begun:
    """What is known of a pair at a tenth of the cost of comparing it."""
    found: dict[str, float] = {}
    kind = _compare_kinds(a, b, found)
    metres = _compare_places(a, b, found)
    _compare_contacts(a, b, found)
    return Begun(found, kind, metres, any(name.numbers for name in a.names) and any(name.numbers for name in b.names))


def finish(a: Profile, b: Profile, begun: Begun) -> dict[str, float]:
    """`all_features` of a pair that was begun."""
    found = begun.found
    likeness = _compare_names(a, b, found)
    is_trade = not _TRADES.isdisjoint(a.groups & b.groups)
    _combine(found, likeness=likeness, kind=begun.kind, metres=begun.metres, is_trade=is_trade)
    return found


def most_of_names(gains: Mapping[str, float], *, is_numbered: bool, is_at_30m: bool, is_at_3m: bool, is_phone_same: bool) -> float:
    """The most that names can add to the sum for a pair whose sorts of place do not fit at all (`kind` 0).

    All that is multiplied by `kind` is 0 then. Of what is left some features exclude each other: see `_compare_names`.

    :param gains: the most that each feature adds, at least 0; each feature is at most 1.
    """
    gain = gains.get
    alike = gain("name_whole", 0.0) + gain("generic_other", 0.0)
    generic = max(gain("chain", 0.0), gain("name_generic_both", 0.0)) + gain("generic_as_written", 0.0)
    own = max(gain("name_generic_one", 0.0), gain("place_both", 0.0), gain("place_one", 0.0)) + gain("name_other", 0.0)
    most = max(gain("name_missing", 0.0), alike + max(generic, own + gain("acronym", 0.0)))
    most += max(gain("part_other", 0.0), gain("part_one", 0.0)) + max(gain("owner_other", 0.0), gain("owner_one", 0.0))
    most += max(gain("number_other", 0.0), gain("number_one", 0.0), gain("number_same", 0.0) if is_numbered else 0.0)
    if is_at_30m:
        most += gain("other_name_within_30m", 0.0)
    if is_at_3m:
        most += gain("name_same_within_3m", 0.0)
    return most + (gain("phone_and_name", 0.0) if is_phone_same else 0.0)


def _compare_names(a: Profile, b: Profile, found: dict[str, float]) -> float:
    """How alike the names are in what makes them their own, 0 when they have nothing of their own."""
    if not a.names or not b.names:
        found["name_missing"] = 1.0
        return 0.0
    if len(a.names) == 1 == len(b.names):
        first, second = a.names[0], b.names[0]
        likeness = _likeness(first, second)
    else:
        likeness, first, second = max(
            ((_likeness(one, other), one, other) for one in a.names for other in b.names), key=lambda candidate: candidate[0]
        )
    found["name_whole"] = max(0.0, fuzz.ratio(first.whole_ordered, second.whole_ordered) / 50 - 1)
    if first.is_common or second.is_common:
        found["name_common"] = 1.0
    is_chain = first.is_chain and second.is_chain
    if is_chain or (not first.core and not second.core):
        found["chain" if is_chain else "name_generic_both"] = 1.0
        found["generic_as_written"] = float(first.whole == second.whole)
        found["generic_other"] = float(fuzz.token_set_ratio(first.whole, second.whole) < 80)
    elif not first.core or not second.core:
        found["name_generic_one"] = 1.0
        ours, theirs = _said_trades(first), _said_trades(second)
        # "Menuiserie" is not "Tapisserie Mbarga", however near.
        found["generic_other"] = float(bool(ours and theirs) and ours.isdisjoint(theirs))
    else:
        one, other = (1.0, 1.0) if first.ordered == second.ordered else (_covered(first, second), _covered(second, first))
        found["words_shorter"], found["words_both"] = (one, other) if one > other else (other, one)
        if first.is_place or second.is_place:
            _compare_place_names(first, second, found)
        found["name_other"] = float(found["words_shorter"] < 0.15 and likeness < 0.6)
    if likeness < 0.8 and not is_chain and (_is_acronym(first, second) or _is_acronym(second, first)):
        found["acronym"], found["name_other"] = 1.0, 0.0
    if first.numbers or second.numbers:
        _compare_numbers(first, second, found)
    if first.markers or second.markers:
        _compare_parts(first, second, found)
    if first.owners or second.owners:
        _compare_owners(first, second, found)
    return likeness if first.core and second.core and not is_chain else 0.0


def _compare_place_names(first: Name, second: Name, found: dict[str, float]) -> None:
    """The quarter says where "Pharmacie du Cygne Odza" is, and all that "Pharmacie d'Odza" is called."""
    if first.is_place and second.is_place:
        found["place_both"] = 1.0
    else:
        found["place_one"] = found["words_shorter"] - found["words_both"]


def _said_trades(name: Name) -> frozenset[str]:
    """What a name says of what is done or sold there."""
    return frozenset(map(group_of, name.kinds)) | GOODS.intersection(name.whole.split())


def _likeness(first: Name, second: Name) -> float:
    """From 0 to 1 for names with a core; a little for two that have none, so that they are preferred to nothing."""
    if not first.core or not second.core:
        return 0.3 * (not first.core and not second.core)
    if first.joined == second.joined or first.ordered == second.ordered:
        return 1.0
    written = _spelling(first.own, second.own)
    if first.own == first.own_ordered and second.own == second.own_ordered:
        return written
    return max(written, _spelling(first.own_ordered, second.own_ordered))


def _spelling(word: str, other: str) -> float:
    if word == other:
        # Not quite the same: common words around it differ.
        return 0.92
    return (JaroWinkler.similarity(word, other) + Levenshtein.normalized_similarity(word, other)) / 2


def _covered(name: Name, by: Name) -> float:
    """The share of a core's weight that another has, too, in some spelling."""
    total = covered = 0.0
    for word, weight in name.weighed:
        total += weight
        if word in by.core:
            covered += weight
            continue
        for other in by.core:
            if _is_spelling(word, other):
                covered += weight
                break
    return covered / (total or 1.0)


# Words come again and again: asking costs a twentieth of comparing.
@functools.lru_cache(maxsize=65536)
def _is_spelling(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < 4:
        return False
    return Levenshtein.normalized_similarity(word, other) >= 0.74 and (
        JaroWinkler.similarity(word, other) >= 0.88 or sound(word) == sound(other)
    )


def _is_acronym(short: Name, long: Name) -> bool:
    """Whether a name has the first letters of another's words: all of them, or at least four and the rest is in both."""
    if not long.initials:
        return False
    for word in short.core:
        if len(word) >= 3 and (word == long.initials or (len(word) >= 4 and long.initials.startswith(word))):
            return len(short.core) == 1 or all(other == word or other in long.core for other in short.core)
    return False


def _compare_numbers(first: Name, second: Name, found: dict[str, float]) -> None:
    if first.numbers and second.numbers:
        is_same = first.numbers <= second.numbers or second.numbers <= first.numbers
        found["number_same" if is_same else "number_other"] = 1.0
    else:
        found["number_one"] = 1.0


def _compare_parts(first: Name, second: Name, found: dict[str, float]) -> None:
    if first.markers and second.markers and not first.markers & second.markers:
        found["part_other"] = 1.0
    elif first.markers ^ second.markers:
        found["part_one"] = 1.0


def _compare_owners(first: Name, second: Name, found: dict[str, float]) -> None:
    ours, theirs = first.owners & FAITHS, second.owners & FAITHS
    if (ours and theirs and not ours & theirs) or {"public", "private"} <= (first.owners ^ second.owners):
        found["owner_other"] = 1.0
    elif bool(ours) != bool(theirs):
        found["owner_one"] = 1.0


# What a source may mean by "health facility".
_OF_HEALTH = frozenset({"pharmacie", "veterinaire"})
_KIND_COUNTS = {
    "kind_same": 1.0,
    "kind_vague": 0.9,
    "kind_alike": 0.8,
    "kind_missing": 0.6,
    "kind_category_alike": 0.5,
    "kind_other": 0.3,
    "group_other": 0.0,
}


def _compare_kinds(a: Profile, b: Profile, found: dict[str, float]) -> float:
    """How well the sorts of place fit, from 0 to 1."""
    name, is_level_other = _kind_feature(a.kinds, b.kinds, a.category_kind, b.category_kind)
    found[name] = 1.0
    if a.shop and b.shop and a.shop != b.shop:
        found["shop_other"] = 1.0
        return 0.4 * _KIND_COUNTS[name]
    if is_level_other:
        found["level_other"] = 1.0
        return 0.2
    return _KIND_COUNTS[name]


@functools.lru_cache(maxsize=16384)
def _kind_feature(ours: frozenset[str], theirs: frozenset[str], category: str, other_category: str) -> tuple[str, bool]:
    """How two sets of sorts fit, and whether they name different levels of school."""
    mine, yours = levels(ours), levels(theirs)
    return _fit_of_kinds(ours, theirs, category, other_category), bool(mine and yours and not mine & yours)


def _fit_of_kinds(ours: frozenset[str], theirs: frozenset[str], category: str, other_category: str) -> str:
    if not ours or not theirs:
        return "kind_missing"
    our_groups, their_groups = frozenset(map(group_of, ours)), frozenset(map(group_of, theirs))
    if not our_groups & their_groups:
        if ("sante" in ours and theirs <= _OF_HEALTH) or ("sante" in theirs and ours <= _OF_HEALTH):
            return "kind_vague"
        # The category may say the same where the names do not.
        is_alike = group_of(category) in their_groups or group_of(other_category) in our_groups
        return "kind_category_alike" if is_alike and "pharmacie" not in (ours ^ theirs) else "group_other"
    mine, yours = ours - VAGUE, theirs - VAGUE
    if mine & yours:
        return "kind_same"
    if mine and yours:
        return "kind_alike" if any(mine & group and yours & group for group in ALIKE) else "kind_other"
    return "kind_vague"


def _compare_places(a: Profile, b: Profile, found: dict[str, float]) -> float | None:
    metres = distance_m(a, b)
    if metres is None:
        found["position_missing"] = 1.0
        if a.city and b.city:
            found["city_same" if a.city == b.city else "city_other"] = 1.0
        else:
            found["city_missing"] = 1.0
            if a.region and b.region:
                found["region_same" if a.region == b.region else "region_other"] = 1.0
    else:
        for limit, name in _NEAR_STEPS:
            if metres <= limit:
                found[name] = 1.0
        if metres > _NEAR_STEPS[-1][0]:
            found["beyond_12km"] = 1.0
    if a.quarter and b.quarter:
        found["quarter_same" if a.quarter == b.quarter else "quarter_other"] = 1.0
    return metres


def _compare_contacts(a: Profile, b: Profile, found: dict[str, float]) -> None:
    if a.phones and b.phones:
        found["phone_same" if a.phones & b.phones else "phone_other"] = 1.0
    if a.host and b.host:
        found["host_same" if a.host == b.host else "host_other"] = 1.0
    if a.email and a.email == b.email:
        found["email_same"] = 1.0


def _combine(found: dict[str, float], *, likeness: float, kind: float, metres: float | None, is_trade: bool) -> None:
    """What says something only together: a name of its own, of a fitting sort, so far away."""
    found["name_same"] = kind * (likeness == 1.0)
    found["name_close"] = kind * max(0.0, (likeness - 0.8) / 0.2)
    found["name_alike"] = kind * min(1.0, max(0.0, (likeness - 0.5) / 0.3))
    is_common = bool(found.pop("name_common", 0.0))
    strength = max(0.0, (likeness - 0.7) / 0.3, 0.9 * found.get("words_both", 0.0) if likeness else 0.0) * kind
    strength *= 1 - 0.8 * max(found.get("number_other", 0.0), found.get("owner_other", 0.0), found.get("part_other", 0.0))
    found["words_shorter"] = found.get("words_shorter", 0.0) * kind
    found["words_both"] = found.get("words_both", 0.0) * kind
    if metres is None:
        found["name_and_city"] = strength * found.get("city_same", 0.0)
        found["name_without_place"] = strength * found.get("city_missing", 0.0)
        found["name_and_region"] = strength * found.get("region_same", 0.0)
    else:
        for limit, name in _NAMED_STEPS:
            if metres <= limit:
                found[name] = strength
        if metres > _NEAR_STEPS[-1][0]:
            found["name_beyond_12km"] = strength
        if is_trade and metres > _TRADE_M:
            found["trade_far"] = strength
        if is_common:
            if metres > _TRADE_M:
                found["common_far"] = strength
        elif metres <= 4000:
            found["rare_within_4km"] = strength
    _combine_parts(found, likeness=likeness, kind=kind, metres=metres)


def _combine_parts(found: dict[str, float], *, likeness: float, kind: float, metres: float | None) -> None:
    """Names of which a part is the same, and places without a name of their own."""
    part = found["words_shorter"] if likeness else 0.0
    if "at_150m" in found:
        found["part_of_name_within_150m"] = part
    elif "at_1500m" in found:
        found["part_of_name_within_1500m"] = part
    elif metres is None:
        found["part_of_name_in_city"] = part * found.get("city_same", 0.0)
    is_generic = bool({"name_generic_both", "name_generic_one", "name_missing", "chain"} & found.keys())
    if is_generic and not found.get("generic_other"):
        found["generic_within_30m"] = found.get("at_30m", 0.0) * kind
        found["generic_within_3m"] = found.get("at_3m", 0.0) * kind
    if "at_3m" in found:
        found["name_same_within_3m"] = float(likeness == 1.0)
    if found.get("name_other"):
        found["other_name_within_30m"] = found.get("at_30m", 0.0)
    if "phone_same" in found:
        found["phone_and_name"] = max(likeness, found.get("words_shorter", 0.0))
