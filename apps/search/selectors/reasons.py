"""Why a hit stands where it stands, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.core.numbers import group_thousands
from apps.search.backends.base import Order
from apps.search.documents import AREA, CATEGORY, NAME, TEXT
from apps.search.questions import FoundHit, Reason
from apps.search.selectors.candidates import Candidates
from apps.search.selectors.groups import Kind, WordGroup
from apps.search.selectors.ranking import Held, Ranked


def reasons(ranked: Ranked | None, hit: FoundHit, candidates: Candidates, data: Mapping[str, Any]) -> list[Reason]:
    """In the order in which they count. :param ranked: None when the words did not decide the order."""
    found = list(_by_words(ranked, candidates, data)) if ranked else list(_by_order(candidates))
    if hit.distance_m is not None:
        found.append(Reason("distance", _("À %(distance)s de vous.") % {"distance": _distance(hit.distance_m)}))
    if data.get("verified"):
        found.append(Reason("verified", _("Fiche vérifiée.")))
    if hit.is_sponsored:
        found.append(Reason("sponsored", _("Annonce : cette fiche est placée ici parce que son propriétaire paie.")))
    return found


def _by_words(ranked: Ranked, candidates: Candidates, data: Mapping[str, Any]) -> Iterator[Reason]:
    if ranked.exactness:
        yield Reason("exact_name", _("Son nom est exactement ce que vous cherchez."))
        return
    groups = candidates.reading.groups
    told: set[tuple[str, str]] = set()
    for group, held in zip(groups, ranked.held, strict=True):
        code, sentence = _of_word(group, held, data)
        if (code, sentence) not in told:
            told.add((code, sentence))
            yield Reason(code, sentence)


def _of_word(group: WordGroup, held: Held, data: Mapping[str, Any]) -> tuple[str, str]:
    place = data.get("quarter") or data.get("city") or {}
    values = {"word": group.form, "place": place.get("name", ""), "category": (data.get("category") or {}).get("name", "")}
    code = _code(group, held)
    return code, _SENTENCES[code]() % values


def _code(group: WordGroup, held: Held) -> str:
    if held.strength == 0:
        return "missing_word"
    if held.kind is Kind.CORRECTION:
        return "correction"
    if held.field is None:
        return ("place" if group.is_place else "category") + ("_beside" if held.is_beside else "")
    return {Kind.SYNONYM: "synonym", Kind.COMPLETION: "completion"}.get(held.kind) or _CODES_OF_FIELDS[held.field]


_CODES_OF_FIELDS = {NAME: "name", CATEGORY: "category_word", AREA: "area", TEXT: "text"}
_SENTENCES = {
    "missing_word": lambda: _("Ne contient pas « %(word)s »."),
    "correction": lambda: _("Un mot a été corrigé en « %(word)s »."),
    "place": lambda: _("Se trouve à l’endroit cherché : %(place)s."),
    "category": lambda: _("De la catégorie cherchée : %(category)s."),
    "place_beside": lambda: _("Se trouve près de l’endroit cherché : %(place)s."),
    "category_beside": lambda: _("D’une catégorie voisine : %(category)s."),
    "synonym": lambda: _("Contient un mot de même sens que « %(word)s »."),
    "completion": lambda: _("Contient un mot qui commence par « %(word)s »."),
    "name": lambda: _("« %(word)s » est dans le nom."),
    "category_word": lambda: _("« %(word)s » est dans la catégorie."),
    "area": lambda: _("« %(word)s » est dans l’adresse."),
    "text": lambda: _("« %(word)s » est dans la description."),
}


def _by_order(candidates: Candidates) -> Iterator[Reason]:
    sentences = {
        Order.DISTANCE: ("order_distance", _("Les plus proches d’abord.")),
        Order.NEWEST: ("order_newest", _("Les plus récentes d’abord.")),
        Order.PLAN: ("order_list", _("Ordre des listes : à la une, premium, puis les plus récentes.")),
        Order.RELEVANCE: ("order_coarse", _("Contient les mots cherchés, parmi de très nombreuses fiches.")),
    }
    yield Reason(*sentences[candidates.query.order])


def _distance(metres: int) -> str:
    """`400 m`, `2,5 km`."""
    if metres < 1_000:
        return _("%(metres)s m") % {"metres": group_thousands(metres)}
    return _("%(km)s km") % {"km": _("%(whole)s,%(tenth)s") % {"whole": group_thousands(metres // 1_000), "tenth": metres % 1_000 // 100}}
