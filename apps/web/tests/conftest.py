"""A small catalogue that has one of everything that pages show."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache

from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_region, make_resource
from apps.search.services import index_resources


@dataclass
class Catalogue:
    """Entries of the catalogue by kind."""

    business: Resource
    fictional: Resource
    service: Resource
    dataset: Resource
    api: Resource
    bare: Resource

    @property
    def all(self) -> list[Resource]:
        """Every entry."""
        return [self.business, self.fictional, self.service, self.dataset, self.api, self.bare]


def write_legal_pages() -> None:
    """What the migration writes; a test that empties the tables takes it away."""
    importlib.import_module("apps.web.migrations.0002_legal_texts").write(apps, None)


def make_catalogue() -> Catalogue:
    """Two towns, a tree of categories, six entries."""
    littoral = make_region(slug="littoral", name_fr="Littoral", name_en="Littoral", aliases=["Coast"])
    douala = make_city(slug="douala", name_fr="Douala", name_en="Douala", region=littoral)
    make_city(slug="edea", name_fr="Edéa", name_en="Edea", region=littoral)
    akwa = make_quarter(slug="akwa", name="Akwa", city=douala, latitude=4.05, longitude=9.70)
    food = make_category(slug="restauration", name_fr="Restauration", name_en="Food and drink", icon="utensils")
    restaurants = make_category(
        slug="restaurants",
        name_fr="Restaurants",
        name_en="Restaurants",
        parent=food,
        icon="utensils",
        schema_type="Restaurant",
        description_fr="Où manger assis.",
        description_en="Where to sit and eat.",
    )
    papers = make_category(slug="identite-passeports", name_fr="Identité et passeports", name_en="Identity and passports")
    climate = make_category(slug="donnees-climat", name_fr="Climat", name_en="Climate")
    payment = make_category(slug="api-paiement", name_fr="API de paiement", name_en="Payment APIs")
    place: dict[str, Any] = {"city": douala, "quarter": akwa, "latitude": 4.0512, "longitude": 9.6979}
    week = {day: [("08:00", "12:30"), ("14:00", "18:00")] for day in range(1, 6)} | {6: [("20:00", "02:00")], 0: []}
    catalogue = Catalogue(
        business=make_resource(
            name="Chez Wouri", name_en="Wouri’s", slug="chez-wouri", category=restaurants, **place, verified=True, plan="premium",
            description_fr="Ndolè et poisson braisé, face au fleuve.", description_en="Ndolè and grilled fish by the river.",
            landmark_fr="Portail vert après la station", landmark_en="Green gate past the petrol station", accuracy_m=300,
            attributes=["mobile_money", "terrace"], hours=week, address_line1="Rue Joffre",
            contacts=[{"kind": "phone", "value": "+237670000000", "is_whatsapp": True, "is_primary": True},
                      {"kind": "phone", "value": "+237690000000"}, {"kind": "email", "value": "wouri@example.cm", "is_primary": True},
                      {"kind": "website", "value": "https://wouri.example/", "is_primary": True}],
            profile={"price_min_xaf": 2500, "price_max_xaf": 9000, "founded_year": 2014, "languages": ["fr", "en"]},
        ),
        fictional=make_resource(
            name="Exemple – Le Kotto", slug="exemple-le-kotto", category=restaurants, **place, is_demo=True, is_fictional=True,
            plan="featured", contacts=[{"kind": "phone", "value": "+237670000001", "is_whatsapp": True, "is_primary": True}],
            operating_status="temporarily_closed",
        ),
        service=make_resource(
            name="Carte d’identité", name_en="Identity card", slug="carte-identite", resource_type="service", category=papers,
            description_fr="Demande ou renouvellement.", is_demo=True,
            profile={"provider": "DGSN", "fee_min_xaf": 10000, "fee_max_xaf": 10000, "delay_fr": "48 heures", "delay_en": "48 hours",
                     "documents_fr": ["Acte de naissance"], "documents_en": ["Birth certificate"], "online_url": "https://idcam.cm/"},
        ),
        dataset=make_resource(
            name="Pluviométrie", name_en="Rainfall", slug="pluviometrie", resource_type="data", category=climate,
            profile={"publisher": "Météo", "licence": "CC BY 4.0", "licence_url": "https://creativecommons.org/licenses/by/4.0/",
                     "formats": ["CSV"], "update_frequency": "monthly", "temporal_start": 1990, "size_bytes": 2_400_000,
                     "download_url": "https://example.cm/pluie.csv"},
        ),
        api=make_resource(
            name="Paie API", slug="paie-api", resource_type="api", category=payment,
            profile={"provider": "Paie", "pricing": "freemium", "auth_type": "api_key", "formats": ["JSON"],
                     "endpoints": [{"method": "POST", "path": "/pay", "summary_fr": "Payer", "summary_en": "Pay"}],
                     "sample_request": "curl https://paie.example/pay", "documentation_url": "https://paie.example/docs"},
        ),
        bare=make_resource(name="Pharmacie sans horaires", slug="pharmacie-nue", category=papers, city=douala),
    )  # fmt: skip
    index_resources(resource_ids=[resource.pk for resource in catalogue.all])
    return catalogue


@pytest.fixture
def catalogue(db: None) -> Catalogue:  # noqa: ARG001  opens the database
    """The catalogue, and nothing remembered of another test's."""
    cache.clear()
    write_legal_pages()
    return make_catalogue()
