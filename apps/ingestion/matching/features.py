"""What is compared of two profiles, as numbers between 0 and 1. Each has its sentence in `reasons.py` and its weight in `weights.json`."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from apps.ingestion.matching.keys import sound
from apps.ingestion.matching.kinds import ALIKE, VAGUE, levels
from apps.ingestion.matching.names import Name, group_of
from apps.ingestion.matching.profiles import Profile, distance_m
from apps.ingestion.matching.words import COMMON_WORDS, FAITHS, GOODS

_NEAR_STEPS = ((3, "at_3m"), (30, "at_30m"), (150, "at_150m"), (500, "at_500m"), (1500, "at_1500m"), (4000, "at_4km"), (12000, "at_12km"))
# Where one name is found at every corner: another one of it this far away is another place.
_TRADES = frozenset({"commerce", "restauration", "banque", "carburant", "voyage", "culte", "hotel"})
_TRADE_M = 250.0
# What a common word counts, against 1 for any other.
_COMMON = 0.25


def features(a: Profile, b: Profile) -> dict[str, float]:
    """Those that are not 0, by name; the same whichever of the two comes first."""
    found: dict[str, float] = {}
    likeness = _compare_names(a, b, found)
    kind = _compare_kinds(a, b, found)
    metres = _compare_places(a, b, found)
    _compare_contacts(a, b, found)
    _combine(found, likeness=likeness, kind=kind, metres=metres, is_trade=bool(a.groups & b.groups & _TRADES))
    return {name: value for name, value in found.items() if value}


def _compare_names(a: Profile, b: Profile, found: dict[str, float]) -> float:
    """How alike the names are in what makes them their own, 0 when they have nothing of their own."""
    if not a.names or not b.names:
        found["name_missing"] = 1.0
        return 0.0
    likeness, first, second = max(
        ((_likeness(one, other), one, other) for one in a.names for other in b.names), key=lambda candidate: candidate[0]
    )
    found["name_whole"] = max(0.0, fuzz.token_sort_ratio(first.whole, second.whole) / 50 - 1)
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
        small, large = sorted((first.core, second.core), key=len)
        shares = (_covered(small, large), _covered(large, small))
        found["words_shorter"], found["words_both"] = max(shares), min(shares)
        found["name_other"] = float(max(shares) < 0.15 and likeness < 0.6)
    if likeness < 0.8 and not is_chain and (_is_acronym(first, second) or _is_acronym(second, first)):
        found["acronym"], found["name_other"] = 1.0, 0.0
    _compare_numbers(first, second, found)
    _compare_owners(first, second, found)
    return likeness if first.core and second.core and not is_chain else 0.0


def _said_trades(name: Name) -> frozenset[str]:
    """What a name says of what is done or sold there."""
    return frozenset(map(group_of, name.kinds)) | GOODS.intersection(name.whole.split())


def _likeness(first: Name, second: Name) -> float:
    """From 0 to 1 for names with a core; a little for two that have none, so that they are preferred to nothing."""
    if not first.core or not second.core:
        return 0.3 * (not first.core and not second.core)
    if first.joined == second.joined or sorted(first.core) == sorted(second.core):
        return 1.0
    ours, theirs = _own_words(first.core), _own_words(second.core)
    return max(_spelling("".join(ours), "".join(theirs)), _spelling("".join(sorted(ours)), "".join(sorted(theirs))))


def _own_words(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word not in COMMON_WORDS] or list(words)


def _spelling(word: str, other: str) -> float:
    if word == other:
        # Not quite the same: common words around it differ.
        return 0.92
    return (JaroWinkler.similarity(word, other) + Levenshtein.normalized_similarity(word, other)) / 2


def _covered(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    """The share of the words' weight that the other name has, too, in some spelling."""
    total = sum(map(_weight, words)) or 1.0
    return sum(_weight(word) for word in words if any(_is_spelling(word, other) for other in others)) / total


def _weight(word: str) -> float:
    return min(len(word), 6) * (_COMMON if word in COMMON_WORDS else 1.0)


def _is_spelling(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < 4:
        return False
    return Levenshtein.normalized_similarity(word, other) >= 0.74 and (
        JaroWinkler.similarity(word, other) >= 0.88 or sound(word) == sound(other)
    )


def _is_acronym(short: Name, long: Name) -> bool:
    return bool(long.initials) and len(short.core) == 1 and len(short.core[0]) >= 3 and short.core[0] == long.initials


def _compare_numbers(first: Name, second: Name, found: dict[str, float]) -> None:
    if first.numbers and second.numbers:
        is_same = first.numbers <= second.numbers or second.numbers <= first.numbers
        found["number_same" if is_same else "number_other"] = 1.0
    elif first.numbers or second.numbers:
        found["number_one"] = 1.0
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
    name = _kind_feature(a, b)
    found[name] = 1.0
    if a.shop and b.shop and a.shop != b.shop:
        found["shop_other"] = 1.0
        return 0.4 * _KIND_COUNTS[name]
    ours, theirs = levels(a.kinds), levels(b.kinds)
    if ours and theirs and not ours & theirs:
        found["level_other"] = 1.0
        return 0.2
    return _KIND_COUNTS[name]


def _kind_feature(a: Profile, b: Profile) -> str:
    if not a.kinds or not b.kinds:
        return "kind_missing"
    if not a.groups & b.groups:
        if ("sante" in a.kinds and b.kinds <= _OF_HEALTH) or ("sante" in b.kinds and a.kinds <= _OF_HEALTH):
            return "kind_vague"
        # The category may say the same where the names do not.
        is_alike = bool({group_of(a.category_kind)} & b.groups or {group_of(b.category_kind)} & a.groups)
        return "kind_category_alike" if is_alike and "pharmacie" not in (a.kinds ^ b.kinds) else "group_other"
    mine, yours = a.kinds - VAGUE, b.kinds - VAGUE
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
    strength = max(0.0, (likeness - 0.7) / 0.3, 0.9 * found.get("words_both", 0.0) if likeness else 0.0) * kind
    strength *= 1 - 0.8 * max(found.get("number_other", 0.0), found.get("owner_other", 0.0), found.get("part_other", 0.0))
    found["words_shorter"] = found.get("words_shorter", 0.0) * kind
    found["words_both"] = found.get("words_both", 0.0) * kind
    if metres is None:
        found["name_and_city"] = strength * found.get("city_same", 0.0)
        found["name_without_place"] = strength * found.get("city_missing", 0.0)
        found["name_and_region"] = strength * found.get("region_same", 0.0)
    else:
        for limit, name in _NEAR_STEPS[2:]:
            if metres <= limit:
                found[name.replace("at_", "name_within_")] = strength
        if metres > _NEAR_STEPS[-1][0]:
            found["name_beyond_12km"] = strength
        if is_trade and metres > _TRADE_M:
            found["trade_far"] = strength
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
