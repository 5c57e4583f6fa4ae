"""Made-up places of Cameroon that look like real ones: the same one for a number and a seed, however many are asked for.

Towns, quarters and categories are those of the reference data. Larger towns have more than their share of the places,
categories follow a Zipf distribution in the order of `words/categories.txt`. A third has a description of 20 to 60 words,
half a phone, a fifth hours; 5 % are premium and 2 % featured. Every list and sentence was written for this benchmark.

`make_places(2_000)` gives numbered rows in the import schema of the README; `Directory().standing(number)` what no file says
of a place: plan, verification, attributes, age. `benchmarks.bulk` writes both.
"""

from __future__ import annotations

import functools
import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.language import (
    WORDS,
    Zipf,
    conjugate,
    expand,
    feminine,
    fold,
    french,
    misspell,
    of,
    plural,
    read_forms,
    read_lists,
    syllables,
)

REFERENCE = Path(__file__).resolve().parent.parent / "apps" / "catalog" / "reference"
SOURCE = "bench"
ENGLISH_REGIONS = {"nord-ouest", "sud-ouest"}
UNKNOWN_POPULATION = 4_000
SLIP_SHARE = 1 / 150
ATTRIBUTES = (
    "mobile_money", "cash", "parking", "orange_money", "french_spoken", "mtn_momo", "delivery", "wifi", "air_conditioning", "takeaway",
    "generator", "english_spoken", "terrace", "cards", "guarded", "reservation", "accessible", "whatsapp_orders", "borehole", "moto_access",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A category: how such places are called and what is said of them."""

    slug: str
    pattern: str
    heads: Zipf
    english_heads: Zipf
    topics: Zipf


@dataclass(frozen=True)
class Town:
    """A town with its quarters, largest first, each with a position."""

    name: str
    is_english: bool
    lat: float
    lng: float
    spread: float
    quarters: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Standing:
    """What the catalogue and not the source says of a place."""

    plan: str
    verified: bool
    attributes: list[str]
    age_days: float


def make_places(count: int, *, seed: int = 7, first: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbered raw rows in the import schema."""
    directory = Directory(seed)
    for number in range(first, first + count):
        yield number, directory.row(number)


class Directory:
    """All places of a seed."""

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed
        people, signs = read_lists("people.txt"), read_lists("names.txt")
        french_words, english_words = read_lists("french.txt"), read_lists("english.txt")
        made = functools.partial(syllables, seed=seed)
        made_families = made(people["starts"], people["middles"], people["ends"], count=15_000)
        self.families = Zipf([*people["families"], *made_families], 0.85)
        self.givens, self.saints, self.saintes = Zipf(people["givens"]), Zipf(people["saints"]), Zipf(people["saintes"])
        self.virtues, self.groups, self.plain = Zipf(signs["virtues"], 0.9), Zipf(signs["groups"]), Zipf(signs["plain"])
        self.landmarks = Zipf(signs["landmarks"])
        self.villages = Zipf(made(signs["villages"], [""], signs["villagers"], count=2_000), 0.7)
        self.brands = Zipf(made(signs["firsts"], [""], signs["lasts"], count=6_000), 0.7)
        self.grammar = {
            is_english: read_forms("signs.txt") | read_forms(f"sentences_{'en' if is_english else 'fr'}.txt")
            for is_english in (False, True)
        }
        self.words = {
            is_english: {name: Zipf(words) for name, words in lists.items()}
            for is_english, lists in ((False, french_words), (True, english_words))
        }
        self.kinds = _read_kinds()
        self.kind_of = Zipf([str(place) for place in range(len(self.kinds))], 0.95)
        towns = _read_towns(seed)
        self.towns = [town for _weight, town in towns]
        self.town_weights = [weight for weight, _town in towns]
        self.town_bounds = _running(self.town_weights)
        self.schedules = _schedules(seed)
        self.attributes = Zipf(ATTRIBUTES, 0.6)

    def row(self, number: int) -> dict[str, Any]:
        """One place in the import schema."""
        chance = random.Random(self.seed * 1_000_000_007 + number)  # noqa: S311  repeatable, not secret
        town = chance.choices(self.towns, cum_weights=self.town_bounds)[0]
        kind = self.kinds[int(self.kind_of.draw(chance))]
        writer = _Writer(self, chance, town, kind, is_english=chance.random() < (0.8 if town.is_english else 0.06))
        name = writer.sign()
        lat, lng = writer.position
        return {
            "source": SOURCE,
            "source_id": str(number),
            "name": name,
            "description": writer.description() if chance.random() < 1 / 3 else "",
            "category": kind.slug,
            "lat": lat,
            "lon": lng,
            "city": town.name,
            "quarter": writer.quarter,
            "phone": _phone(chance) if chance.random() < 0.5 else "",
            "opening_hours": self.schedules.draw(chance) if chance.random() < 0.2 else "",
        }

    def standing(self, number: int) -> Standing:
        """Plan, verification, attributes and age of one place."""
        chance = random.Random(~(self.seed * 1_000_000_007 + number))  # noqa: S311  repeatable, not secret
        luck = chance.random()
        plan = "featured" if luck < 0.02 else "premium" if luck < 0.07 else "free"
        wanted = chance.randint(1, 6) if chance.random() < 0.35 else 0
        return Standing(
            plan=plan,
            verified=chance.random() < (0.12 if plan == "free" else 0.8),
            attributes=sorted({self.attributes.draw(chance) for _one in range(wanted)}),
            age_days=chance.expovariate(1 / 300),
        )


class _Writer:
    """Writes the name and description of one place."""

    def __init__(self, directory: Directory, chance: random.Random, town: Town, kind: Kind, *, is_english: bool) -> None:
        self.all, self.chance, self.town, self.kind, self.is_english = directory, chance, town, kind, is_english
        quarter, self.position = self._place()
        # A fifth of the sources does not name the quarter, though the sign may.
        self.quarter = quarter if chance.random() < 0.8 else ""
        self.near = quarter or town.name
        self.name = ""
        self.words = directory.words[is_english]
        self.grammar = directory.grammar[is_english]

    def fill(self, slot: str) -> str:
        """What stands in a slot: a word, or a form with its own slots."""
        made = _SLOTS.get(slot)
        return made(self) if made else expand(self.chance.choice(self.grammar[slot]), self.fill)

    def word(self, name: str) -> str:
        """A word of one of the language's lists."""
        return self.words[name].draw(self.chance)

    def number(self) -> str:
        """A round number."""
        return str(self.chance.choice((2, 3, 5, 10, 12, 15, 20, 24, 25, 30, 40, 50, 100, 150, 200, 300, 500)))

    def code(self) -> str:
        """A number of an article."""
        letters = "ABCDEKLMNPRSTVX"
        return f"{self.chance.choice(letters)}{self.chance.choice(letters)}{self.chance.randint(10, 9999)}"

    def saint(self) -> str:
        """A patron saint, written in one of the usual ways."""
        if self.chance.random() < 0.5:
            return self.chance.choice(("Saint ", "Saint-", "St ")) + self.all.saints.draw(self.chance)
        return self.chance.choice(("Sainte ", "Sainte-", "Ste ")) + self.all.saintes.draw(self.chance)

    def _place(self) -> tuple[str, tuple[float, float]]:
        town, chance = self.town, self.chance
        name, lat, lng, spread = "", town.lat, town.lng, town.spread
        if town.quarters and chance.random() < 0.85:
            # The first quarters of a town hold most of its places.
            name, lat, lng = town.quarters[int(len(town.quarters) * chance.random() ** 1.7)]
            spread = 0.006
        return name, (round(lat + chance.gauss(0, spread), 6), round(lng + chance.gauss(0, spread), 6))

    def sign(self) -> str:
        """The name as painted on the sign, or as somebody copied it: sometimes in capitals, without accents, with a slip."""
        pattern = "en" if self.is_english and self.chance.random() < 0.7 else self.kind.pattern
        name = self.fill(pattern)
        manner = self.chance.random()
        if manner < 0.06:
            name = name.upper()
        elif manner < 0.1:
            name = " ".join(fold(word).capitalize() for word in name.split())
        elif manner < 0.3:
            name = name.replace("’", "'")
        elif manner < 0.33:
            name = self._with_slip(name)
        self.name = name[:200]
        return self.name

    def _with_slip(self, text: str) -> str:
        words = text.split(" ")
        place = self.chance.randrange(len(words))
        if words[place].isalpha() and len(words[place]) > 4:
            wrong = misspell(words[place], self.chance)
            words[place] = wrong.capitalize() if words[place][0].isupper() else wrong
        return " ".join(words)

    def description(self) -> str:
        """Sentences of 20 to 60 words."""
        wanted, sentences, count = self.chance.randint(20, 48), [], 0
        while count < wanted:
            sentence = self.fill("S")
            sentences.append(sentence)
            count += sentence.count(" ") + 1
        text = " ".join(sentences)
        if not self.is_english:
            text = french(text)
        for _slip in range(sum(self.chance.random() < SLIP_SHARE for _word in range(count))):
            text = self._with_slip(text)
        return text


def _running(weights: list[float]) -> list[float]:
    total, bounds = 0.0, []
    for weight in weights:
        total += weight
        bounds.append(total)
    return bounds


def _read_kinds() -> list[Kind]:
    kinds = []
    for line in (WORDS / "categories.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            slug, pattern, *lists = (part.strip() for part in line.split("|"))
            heads, english_heads, topics = (Zipf([word.strip() for word in words.split(",")]) for words in lists)
            kinds.append(Kind(slug, pattern, heads, english_heads, topics))
    return kinds


def _read_towns(seed: int) -> list[tuple[float, Town]]:
    """Towns with their weight; a quarter whose position nobody knows gets one near the centre."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    quarters: dict[str, list[tuple[str, float | None, float | None]]] = {}
    for row in json.loads((REFERENCE / "quarters.json").read_text(encoding="utf-8")):
        quarters.setdefault(row["city"], []).append((row["name"], row["lat"], row["lng"]))
    towns = []
    for row in json.loads((REFERENCE / "cities.json").read_text(encoding="utf-8")):
        people = row["population"] or UNKNOWN_POPULATION
        # About 6 km around the centre of the largest towns, 1 km around that of a village.
        spread = 0.004 + 0.03 * math.sqrt(people / 1_300_000)
        own = quarters.get(row["slug"], [])
        chance.shuffle(own)
        placed = tuple(
            (name, lat or row["lat"] + chance.gauss(0, spread), lng or row["lng"] + chance.gauss(0, spread)) for name, lat, lng in own
        )
        town = Town(row["name_fr"], row["region"] in ENGLISH_REGIONS, row["lat"], row["lng"], spread, placed)
        towns.append((people**1.25, town))
    return towns


def _schedules(seed: int) -> Zipf:
    """Some hundred ways to open, the usual ones most often."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    found = ["Mo-Fr 08:00-18:00; Sa 08:00-13:00", "24/7", "Mo-Sa 08:00-20:00", "Mo-Su 07:00-22:00", "Mo-Fr 07:30-15:30"]
    while len(found) < 300:
        opens, closes = chance.randint(10, 20) / 2, chance.randint(30, 47) / 2
        days = chance.choice(("Mo-Fr", "Mo-Sa", "Mo-Su", "Tu-Su", "Mo-Th"))
        text = f"{days} {_clock(opens)}-{_clock(closes)}"
        if chance.random() < 0.3:
            text = f"{days} {_clock(opens)}-12:30,14:00-{_clock(closes)}"
        if days in {"Mo-Fr", "Mo-Th"} and chance.random() < 0.6:
            text += f"; Sa {_clock(opens + 0.5)}-{_clock(opens + chance.randint(4, 9))}"
        if chance.random() < 0.2:
            text += "; Su off"
        if text not in found:
            found.append(text)
    return Zipf(found)


def _clock(hours: float) -> str:
    return f"{int(hours):02}:{int(hours % 1 * 60):02}"


def _phone(chance: random.Random) -> str:
    if chance.random() < 0.85:
        digits = f"6{chance.choice('5789')}{chance.randint(0, 9_999_999):07d}"
    else:
        digits = f"{chance.choice(('2222', '2223', '2333', '2334'))}{chance.randint(0, 99_999):05d}"
    manner = chance.random()
    if manner < 0.4:
        return f"{digits[:3]} {digits[3:5]} {digits[5:7]} {digits[7:]}"
    return f"+237{digits}" if manner < 0.7 else digits


_SLOTS: dict[str, Callable[[_Writer], str]] = {
    "h": lambda w: (w.kind.english_heads if w.is_english else w.kind.heads).draw(w.chance),
    "t": lambda w: w.kind.topics.draw(w.chance),
    "f": lambda w: w.all.families.draw(w.chance),
    "g": lambda w: w.all.givens.draw(w.chance),
    "v": lambda w: w.all.virtues.draw(w.chance),
    "x": lambda w: w.all.plain.draw(w.chance),
    "b": lambda w: w.all.brands.draw(w.chance),
    "b2": lambda w: w.all.brands.draw(w.chance)[:4].upper(),
    "q": lambda w: w.near,
    "city": lambda w: w.town.name,
    "village": lambda w: w.all.villages.draw(w.chance),
    "of_q": lambda w: of(w.near),
    "of_city": lambda w: of(w.town.name),
    "of_f": lambda w: of(w.all.families.draw(w.chance)),
    "of_v": lambda w: of(w.all.virtues.draw(w.chance)),
    "of_village": lambda w: of(w.all.villages.draw(w.chance)),
    "of_lm": lambda w: french("de le " + w.all.landmarks.draw(w.chance)),
    "grp": lambda w: "Les " + w.all.groups.draw(w.chance),
    "of_grp": lambda w: "des " + w.all.groups.draw(w.chance),
    "saint": _Writer.saint,
    "saint_en": lambda w: w.chance.choice(("Saint ", "St ", "St. ")) + w.all.saints.draw(w.chance),
    "n": lambda w: w.chance.choice(("I", "II", "III", "1", "2", "3", "IV", "5")),
    "name": lambda w: w.name,
    "year": lambda w: str(2025 - int(w.chance.expovariate(0.09))),
    "num": _Writer.number,
    "price": lambda w: f"{w.chance.randint(1, 300) * 500} F CFA",
    "code": _Writer.code,
    "nm": lambda w: w.word("nouns_m"),
    "nf": lambda w: w.word("nouns_f"),
    "nms": lambda w: plural(w.word("nouns_m")),
    "nfs": lambda w: plural(w.word("nouns_f")),
    "am": lambda w: w.word("adjectives"),
    "af": lambda w: feminine(w.word("adjectives")),
    "ams": lambda w: plural(w.word("adjectives")),
    "afs": lambda w: plural(feminine(w.word("adjectives"))),
    "vinf": lambda w: w.word("verbs"),
    "v3": lambda w: conjugate(w.word("verbs"), "il"),
    "v1p": lambda w: conjugate(w.word("verbs"), "nous"),
    "vpp": lambda w: conjugate(w.word("verbs"), "pp"),
    "adv": lambda w: w.word("adverbs"),
    "nouns": lambda w: w.word("nouns"),
    "plural": lambda w: w.word("nouns") + "s",
    "adjectives": lambda w: w.word("adjectives"),
    "verbs": lambda w: w.word("verbs"),
    "publics": lambda w: w.word("publics"),
    "day": lambda w: w.word("days"),
}
