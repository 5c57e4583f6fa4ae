"""Whose work the product ships. The facts are those of NOTICE; a test compares the names."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.caching import cached
from apps.ingestion.selectors.credits import credited_sources

SOURCES_KEY, SOURCES_TTL_S = "credits:sources", 600


@dataclass(frozen=True)
class Credit:
    """One source: what it gave, and under which licence."""

    name: str
    url: str
    use: str | Promise
    licence: str
    licence_url: str = ""


CREDITS = (
    Credit(
        "GeoNames", "https://www.geonames.org/",
        _("Positions et populations des villes, positions des quartiers. Choix de lignes ; noms et orthographes par nos soins."),
        "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/",
    ),
    Credit(
        "Who’s On First", "https://whosonfirst.org/docs/licenses/",
        _("Contours des dix régions et des 58 départements, simplifiés."), "CC BY, CC0",
    ),
    Credit(
        "iD tagging schema", "https://github.com/openstreetmap/id-tagging-schema",
        _("Noms français et anglais de catégories de lieux, rapprochés des nôtres."), "ISC",
    ),
    Credit("Lucide", "https://lucide.dev/license", _("Icônes."), "ISC, MIT"),
    Credit(
        "holidays", "https://github.com/vacanza/holidays", _("Vérification des dates des jours fériés."), "MIT",
    ),
    Credit(
        "Bricolage Grotesque", "https://github.com/ateliertriay/bricolage", _("Police des titres."), "SIL OFL 1.1",
        "https://openfontlicense.org/",
    ),
    Credit(
        "Hanken Grotesk", "https://github.com/marcologous/hanken-grotesk", _("Police du texte."), "SIL OFL 1.1",
        "https://openfontlicense.org/",
    ),
    Credit(
        "Noto Sans", "https://github.com/notofonts/noto-fonts", _("Police des factures."), "SIL OFL 1.1", "https://openfontlicense.org/",
    ),
    Credit("htmx", "https://htmx.org/", _("Mise à jour des résultats sans recharger la page."), "0BSD"),
    Credit("Leaflet", "https://leafletjs.com/", _("Carte détaillée, chargée sur demande."), "BSD 2-Clause"),
)  # fmt: skip


def source_credits() -> list[Credit]:
    """Sources of published entries that are owed a mention; the same for some minutes. Where they are read is nobody's business."""
    rows: list[tuple[str, str, str, str]] = cached(
        SOURCES_KEY,
        SOURCES_TTL_S,
        lambda: [(one.name, one.attribution, one.licence, one.licence_url) for one in credited_sources()],
    )
    return [Credit(name, "", attribution or _("Fiches de l’annuaire."), licence, address) for name, attribution, licence, address in rows]
