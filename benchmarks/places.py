"""Made-up places for benchmarks: the same ones for a seed, spread over real towns and categories like real ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).resolve().parent.parent / "apps" / "catalog" / "reference"
FIRST = ("Pharmacie", "Restaurant", "Boutique", "Garage", "Quincaillerie", "Salon", "Clinique", "École", "Hôtel", "Boulangerie", "Agence")
SECOND = ("du Centre", "La Paix", "Moderne", "Saint-Joseph", "de l’Espoir", "du Marché", "Bellevue", "du Soleil", "Étoile", "des Amis")
TAGS = (
    "amenity=pharmacy", "amenity=restaurant", "shop=convenience", "shop=car_repair", "shop=hardware", "shop=hairdresser",
    "amenity=clinic", "amenity=school", "tourism=hotel", "shop=bakery", "amenity=bank", "amenity=bar", "amenity=fuel",
)  # fmt: skip
SENTENCE = "Accueil tous les jours, service rapide, paiement en espèces ou par Mobile Money. Livraison possible dans le quartier."


def make_places(count: int, *, seed: int = 7, source: str = "bench") -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbered raw rows in the import schema: a third with a description, half with a phone, a fifth with hours."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    cities = json.loads((REFERENCE / "cities.json").read_text(encoding="utf-8"))
    weights = [city["population"] or 5000 for city in cities]
    for number in range(1, count + 1):
        city = chance.choices(cities, weights)[0]
        yield (
            number,
            {
                "source": source,
                "source_id": str(number),
                "name": f"{chance.choice(FIRST)} {chance.choice(SECOND)} {number}",
                "description": SENTENCE if number % 3 == 0 else "",
                "category": chance.choice(TAGS),
                "lat": round(city["lat"] + chance.gauss(0, 0.02), 6),
                "lon": round(city["lng"] + chance.gauss(0, 0.02), 6),
                "city": city["name_fr"],
                "phone": f"6{chance.randint(50, 99)}{chance.randint(0, 999999):06d}" if number % 2 else "",
                "opening_hours": "Mo-Fr 08:00-18:00; Sa 08:00-13:00" if number % 5 == 0 else "",
            },
        )
