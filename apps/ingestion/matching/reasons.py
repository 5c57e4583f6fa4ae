"""The reasons of a comparison in plain words, heaviest first, those about one thing together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_NAMES, _BOTH, _KIND = _("Noms en partie communs"), _("Nom et distance, pris ensemble"), _("Sortes de lieux qui vont ensemble")
_COMMON, _FAR = _("Nom courant ou absent : c’est le lieu qui décide"), _("Distance : %(metres)s m")

# Feature → what it is about, and its sentence. Features about one thing are added up; the heaviest gives the sentence.
_SENTENCES: dict[str, tuple[str, str | Promise]] = {
    "name_same": ("name", _("Même nom")), "name_close": ("name", _("Noms presque pareils")), "name_alike": ("name", _NAMES),
    "words_shorter": ("name", _NAMES), "words_both": ("name", _NAMES), "name_whole": ("name", _NAMES),
    "acronym": ("name", _("L’un des noms est le sigle de l’autre")), "name_other": ("name", _("Noms sans rien de commun")),
    "other_name_within_30m": ("name", _("Noms sans rien de commun")), "name_missing": ("generic", _("L’une des fiches est sans nom")),
    "name_generic_both": ("generic", _COMMON), "name_generic_one": ("generic", _COMMON), "generic_as_written": ("generic", _COMMON),
    "generic_within_3m": ("generic", _COMMON), "generic_within_30m": ("generic", _COMMON),
    "generic_other": ("generic", _("Noms courants et différents")),
    "chain": ("generic", _("Nom d’une chaîne, porté par beaucoup de lieux")),
    "trade_far": ("trade", _("Commerce d’un nom courant, plus loin que la rue voisine")),
    "common_far": ("common", _("Nom fait de mots que beaucoup de lieux portent, plus loin que la rue voisine")),
    "rare_within_4km": ("both", _BOTH), "place_both": ("place", _("Noms d’un quartier ou d’une ville, et rien d’autre")),
    "place_one": ("place", _("L’un des noms n’est que celui d’un quartier ou d’une ville")),
    "kind_same": ("kind", _("Même sorte de lieu")), "kind_vague": ("kind", _KIND), "kind_alike": ("kind", _KIND),
    "kind_category_alike": ("kind", _KIND), "kind_missing": ("kind", _("Sorte de lieu inconnue")),
    "kind_other": ("kind", _("Sortes de lieux différentes")), "group_other": ("kind", _("Sortes de lieux différentes")),
    "shop_other": ("kind", _("Commerces différents")), "level_other": ("kind", _("Niveaux d’enseignement différents")),
    "number_same": ("number", _("Même numéro dans le nom")), "number_other": ("number", _("Numéros différents dans le nom")),
    "number_one": ("number", _("Un numéro dans un seul des noms")), "part_other": ("part", _("Parties différentes (annexe, nord, sud…)")),
    "part_one": ("part", _("Une partie (annexe, nord, sud…) dans un seul des noms")),
    "owner_other": ("owner", _("Confessions ou statuts différents")),
    "owner_one": ("owner", _("Une confession dans un seul des noms")), "phone_same": ("phone", _("Même téléphone")),
    "phone_and_name": ("phone", _("Même téléphone et nom proche")), "phone_other": ("phone", _("Téléphones différents")),
    "host_same": ("host", _("Même site")), "host_other": ("host", _("Sites différents")), "email_same": ("email", _("Même adresse e-mail")),
    "city_same": ("city", _("Même ville")), "city_other": ("city", _("Villes différentes")), "city_missing": ("city", _("Ville inconnue")),
    "region_same": ("city", _("Même région")), "region_other": ("city", _("Régions différentes")),
    "quarter_same": ("quarter", _("Même quartier")), "quarter_other": ("quarter", _("Quartiers différents")),
    "position_missing": ("position", _("Une position manque")), "beyond_12km": ("distance", _FAR),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explained:
    """One reason: its sentence, its weight (positive: for the same place), and the bar's length from 0 to 100."""

    text: str
    weight: float
    length: int

    @property
    def is_for(self) -> bool:
        """Whether it speaks for one place."""
        return self.weight > 0


def explain(reasons: Iterable[Mapping[str, object]]) -> list[Explained]:
    """Sentences in the current language for stored reasons (`code`, `weight`, `detail`); an unknown code is passed over."""
    sums: dict[str, float] = {}
    best: dict[str, tuple[float, str]] = {}
    for reason in reasons:
        about, sentence = _sentence(str(reason.get("code")))
        weight = float(str(reason.get("weight") or 0))
        if not about:
            continue
        sums[about] = sums.get(about, 0.0) + weight
        if about not in best or abs(weight) > best[about][0]:
            detail = str(reason.get("detail") or "")
            text = str(sentence) % {"metres": detail} if about == "distance" else str(sentence)
            best[about] = (abs(weight), text)
    longest = max((abs(weight) for weight in sums.values()), default=1.0) or 1.0
    found = [
        Explained(best[about][1], round(weight, 1), max(2, round(100 * abs(weight) / longest)))
        for about, weight in sums.items()
        if abs(weight) >= 0.1
    ]
    return sorted(found, key=lambda one: -abs(one.weight))


def _sentence(code: str) -> tuple[str, str | Promise]:
    if code in _SENTENCES:
        return _SENTENCES[code]
    if code.startswith("at_"):
        return "distance", _FAR
    if code.startswith(("name_within_", "part_of_name_", "name_and_", "name_without_", "name_beyond_", "name_same_within_")):
        return "both", _BOTH
    return "", ""
