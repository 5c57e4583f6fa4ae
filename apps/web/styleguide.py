"""A page with every component in every state, to look at and for the tests of the look. Routed in development only.

All names and numbers here are invented.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.charts import heat_cells, line_chart, sparkline
from apps.web.maps import PlanName, PlanPoint, build_plan, plan_detail, town_marks

NOW = "2026-11-22T14:20:00+01:00"
HOURS = {
    "1": [["11:00", "15:00"], ["18:30", "23:00"]],
    "2": [["11:00", "23:00"]],
    "3": [["11:00", "23:00"]],
    "4": [["00:00", "00:00"]],
    "5": [["11:00", "01:00"]],
    "6": [["11:00", "00:00"]],
    "0": [],
}
QUARTERS = (
    ("Akwa", 4.0505, 9.7020), ("Bonanjo", 4.0365, 9.6925), ("Bonapriso", 4.0205, 9.7040), ("Deïdo", 4.0655, 9.7150),
    ("Bali", 4.0395, 9.7055), ("New Bell", 4.0325, 9.7165), ("Bonabéri", 4.0830, 9.6770), ("Bépanda", 4.0605, 9.7300),
    ("Makepe", 4.0765, 9.7560), ("Bonamoussadi", 4.1010, 9.7330), ("Ndokoti", 4.0475, 9.7500),
)  # fmt: skip
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
REGIONS = (
    ("littoral", "Littoral", 4212), ("centre", "Centre", 3874), ("ouest", "Ouest", 1186), ("nord-ouest", "Nord-Ouest", 742),
    ("sud-ouest", "Sud-Ouest", 698), ("nord", "Nord", 521), ("extreme-nord", "Extrême-Nord", 463),
    ("adamaoua", "Adamaoua", 318), ("sud", "Sud", 264), ("est", "Est", 202),
)  # fmt: skip


class SampleForm(forms.Form):
    """A form with one right and two wrong answers."""

    name = forms.CharField(label="Nom de l’établissement", widget=forms.TextInput(attrs={"class": "input"}))
    phone = forms.RegexField(
        r"^6\d{8}$",
        label="Numéro de téléphone",
        help_text="Exemple : 6 70 00 00 00",
        error_messages={"invalid": "Saisissez un numéro à 9 chiffres"},
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "tel", "autocomplete": "tel-national"}),
    )
    note = forms.CharField(label="Repère", required=False, widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    return render(request, "web/styleguide.html", sample_context(request))


def sample_context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the page shows."""
    listings = sample_listings()
    points = [
        PlanPoint(row["latitude"], row["longitude"], row["name"], row["quarter"]["name"], row["url"], number, row["plan"] == "featured")
        for number, row in enumerate(listings, start=1)
        if row["latitude"] is not None
    ]
    names = [PlanName(lat, lng, name) for name, lat, lng in QUARTERS]
    single = PlanPoint(4.0425, 9.6880, icon="utensils")
    towns = [PlanPoint(3.86, 11.52, "Yaoundé", "Centre", "#", 1), PlanPoint(9.30, 13.40, "Garoua", "Nord", "#", 2, True)]
    towns += [PlanPoint(4.05, 9.70, "Douala", "Littoral", "#", 3), PlanPoint(4.05, 9.70, "Douala", "Littoral", "#", 4)]
    path = request.path.split("/", 2)[-1]
    return {
        "meta": {"title": "Composants", "description": "Tous les composants, dans tous leurs états.", "robots": "noindex"},
        "alternates": [{"code": code, "url": f"/{code}/{path}", "name": name} for code, name in (("fr", "Français"), ("en", "English"))],
        "search": sample_search() if "recherche" in request.GET else None,
        "box": sample_search(),
        "listings": listings,
        "plan": build_plan(points, names),
        "plan_detail": plan_detail(build_plan(points, names), names),
        "plan_single": build_plan([single], names),
        "plan_country": build_plan(towns),
        "regions": [
            {"slug": slug, "name": name, "url": f"#{slug}", "count": count, "share": str(round(count / REGIONS[0][2] * 100))}
            for slug, name, count in REGIONS
        ],
        "towns": town_marks({"douala": 4000, "yaounde": 3800, "bafoussam": 900, "bamenda": 700}),
        "categories": sample_categories(),
        "photos": sample_photos(),
        "hours": HOURS,
        "filters": sample_filters(),
        "chips": [{"label": "Ouvert maintenant", "url": "#"}, {"label": "Mobile Money", "url": "#"}],
        "sort_options": [
            {"value": "", "label": "Pertinence", "is_on": True},
            {"value": "distance", "label": "Distance", "is_on": False},
        ],
        "pages": [
            {"number": 1, "url": "#"},
            {"number": 2, "url": "#", "is_current": True},
            {"number": 3, "url": "#"},
            {"number": None},
            {"number": 1300, "url": "#"},
        ],
        "crumbs": [{"name": "Accueil", "url": "#"}, {"name": "Douala", "url": "#"}, {"name": "Restaurants", "url": ""}],
        "form": SampleForm({"name": "", "phone": "6 70 00"}),
        "facts": [
            {"label": "Licence", "value": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
            {"label": "Formats", "value": "CSV, Parquet"},
            {"label": "Mise à jour", "value": "mensuelle"},
            {"label": "Éditeur", "value": ""},
        ],
        "columns": [{"label": "Point d’accès"}, {"label": "Appels", "right": True}, {"label": "Latence", "right": True}],
        "rows": [["/api-resources", "21 904", "142 ms"], ["/search", "11 280", "188 ms"]],
        "code": 'curl "https://ecosyste.example/api/v1/api-resources?category=pharmacies&city=douala"',
        "types": [
            {"value": "", "url": "#", "is_on": True, "count": 128},
            {"value": "business", "url": "#", "count": 102},
            {"value": "data", "url": "#", "count": 12},
        ],
        "ways": [{"label": "Élargir à Douala", "url": "#"}, {"label": "Retirer « Ouvert »", "url": "#"}],
        "resource_types": ["business", "service", "data", "api"],
        **sample_figures(),
    }


def sample_figures() -> dict[str, Any]:
    """Numbers and charts of a dashboard."""
    now, before = [98, 133, 202, 238, 174, 127, 214], [100, 140, 172, 166, 154, 98, 150]
    days = [f"{day} nov." for day in range(16, 23)]
    deltas = ({"way": "up", "percent": 31}, {"way": "down", "percent": 6}, {"way": "same", "percent": 0}, None)
    labels = (("Vues de la fiche", 5692), ("Appels", 284), ("Messages WhatsApp", 197), ("Itinéraires", 143))
    heat = heat_cells([[day * hour % 17 for hour in range(12)] for day in (1, 2, 3, 4, 5, 6, 7)])
    rows = (("ndolè bonanjo", 412, "rang 2,1"), ("restaurant avec terrasse", 301, ""), ("déjeuner affaires", 148, "rang 4"))
    return {
        "kpis": [
            {"label": label, "value": value, "delta": delta, "spark": sparkline(now), "url": "#", "is_current": number == 0}
            for number, ((label, value), delta) in enumerate(zip(labels, deltas, strict=True))
        ],
        "chart": line_chart(now, before, days),
        "chart_columns": ["Jour", "Vues", "Semaine d’avant"],
        "chart_rows": [list(row) for row in zip(days, map(str, now), map(str, before), strict=True)],
        "bars": [{"label": label, "value": str(value), "share": str(value * 100 // 412), "note": note} for label, value, note in rows],
        "heat_hours": [{"name": f"{hour} h", "label": f"{hour} h" if hour % 6 == 0 else ""} for hour in range(0, 24, 2)],
        "heat_rows": [{"name": name, "cells": cells} for name, cells in zip(DAYS, heat, strict=True)],
    }


def sample_search() -> dict[str, Any]:
    """What the search box holds on a page of results."""
    return {
        "q": "Restaurants",
        "location": "Douala",
        "type": "",
        "title": "Restaurants",
        "place": "Douala, ouverts maintenant",
        "suggestions": [
            {"value": "Restaurants", "label": "1 842 fiches"},
            {"value": "Restaurants végétariens", "label": "37 fiches"},
        ],
        "places": [{"value": "Douala", "label": "Littoral"}, {"value": "Douala, Akwa", "label": "Quartier"}],
    }


def sample_categories() -> list[dict[str, Any]]:
    """Eight categories for the home page's tiles, with their tones."""
    rows = (
        ("Restaurants", "utensils", 1842, "sun"), ("Santé et pharmacies", "heart-pulse", 967, "clay"),
        ("BTP et artisans", "hard-hat", 1315, "brand"), ("Hôtels et séjours", "bed-double", 588, "indigo"),
        ("Auto et transport", "car", 1104, "plum"), ("Agriculture", "sprout", 731, "brand"),
        ("Écoles et formation", "graduation-cap", 642, "indigo"), ("Données et API", "braces", 1, "plum"),
    )  # fmt: skip
    return [{"category": {"name": name, "icon": icon, "count": count, "url": "#"}, "tone": tone} for name, icon, count, tone in rows]


def sample_photos() -> list[dict[str, Any]]:
    """Three photos, drawn."""
    alts = ("Assiette de ndolè et plantains", "Façade et terrasse", "Salle du restaurant")
    return [
        {"url": f"/static/img/sample-{n}.svg", "srcset": "", "width": 960, "height": 720, "alt": alt} for n, alt in enumerate(alts, start=1)
    ]


def sample_filters() -> list[dict[str, Any]]:
    """Groups of the filter form."""
    quarters = [{"value": name.lower(), "label": name, "count": 31 - n, "is_on": False} for n, (name, *_) in enumerate(QUARTERS)]
    return [
        {
            "legend": "Disponibilité",
            "name": "open_now",
            "kind": "checkbox",
            "options": [{"value": "1", "label": "Ouvert maintenant", "count": 74, "is_on": True}],
        },
        {"legend": "Quartier", "name": "quarter", "kind": "checkbox", "options": quarters[:5], "rest": quarters[5:]},
        {
            "legend": "Type",
            "name": "type",
            "kind": "radio",
            "options": [
                {"value": "", "label": "Tous", "is_on": True},
                {"value": "business", "label": "Entreprises", "is_on": False},
            ],
        },
    ]


def sample_listings() -> list[dict[str, Any]]:
    """Six listings, one for each state worth seeing."""
    wouri = sample_listing("saveurs-du-wouri", "Saveurs du Wouri", "Cuisine camerounaise", "utensils", "Bonanjo", 4.0425, 9.6880)
    wouri |= {"plan": "featured", "sponsored": True, "verified": True, "whatsapp": "+237670000000", "distance_m": 1120}
    wouri |= {"image": {"url": "/static/img/sample-1.svg", "srcset": "", "width": 960, "height": 720, "alt": "Ndolè"}}
    grill = sample_listing("mboa-grill", "Mboa Grill", "Grillades et poisson braisé", "flame", "Deïdo", 4.0690, 9.7095)
    grill |= {"verified": True, "open_status": {"state": "open", "next_change": "2026-11-22T15:00:00+01:00", "as_of": NOW}}
    table = sample_listing("la-table", "La Table de Bonapriso, cuisine du monde", "Restaurants", "wine", "Bonapriso", 4.025, 9.6965)
    table |= {"open_status": {"state": "closed", "next_change": "2026-11-23T08:00:00+01:00", "as_of": NOW}}
    kotto = sample_listing("exemple-le-kotto", "Exemple – Le Kotto Vert", "Végétarien", "leaf", "Bonamoussadi", 4.0925, 9.7425)
    kotto |= {"is_demo": True, "is_fictional": True, "open_status": {"state": "unknown", "next_change": None, "as_of": NOW}}
    brunch = sample_listing("akwa-brunch", "Akwa Brunch Club", "Cafés", "coffee", "Akwa", 4.0535, 9.6965)
    brunch |= {"operating_status": "permanently_closed", "phone": None}
    rain = sample_listing("pluviometrie", "Pluviométrie 1990–2025", "Données climat", "cloud-rain", "Akwa", None, None)
    rain |= {
        "resource_type": "data",
        "quarter": None,
        "city": None,
        "region": {"slug": "centre", "name": "Centre"},
        "phone": None,
    }
    rain |= {"attributes": [], "open_status": {"state": "unknown", "next_change": None, "as_of": NOW}}
    return [wouri, grill, table, kotto, brunch, rain]


def sample_listing(
    slug: str, name: str, category: str, icon: str, quarter: str, latitude: float | None, longitude: float | None
) -> dict[str, Any]:
    """One listing, as the API writes it, open until ten."""
    return {
        "id": slug,
        "slug": slug,
        "url": f"#{slug}",
        "name": name,
        "resource_type": "business",
        "category": {"slug": "restaurants", "name": category, "icon": icon},
        "city": {"slug": "douala", "name": "Douala"},
        "quarter": {"slug": quarter.lower(), "name": quarter},
        "region": {"slug": "littoral", "name": "Littoral"},
        "latitude": latitude,
        "longitude": longitude,
        "phone": "+237670000000",
        "whatsapp": None,
        "plan": "free",
        "verified": False,
        "operating_status": "open",
        "summary": "Ndolè aux crevettes, sole braisée et miondo, face au fleuve. Réservation par WhatsApp, Mobile Money.",
        "image": None,
        "attributes": ["terrace", "mobile_money", "wifi"],
        "is_demo": False,
        "is_fictional": False,
        "open_status": {"state": "open", "next_change": "2026-11-22T22:00:00+01:00", "as_of": NOW},
        "distance_m": 430,
    }
