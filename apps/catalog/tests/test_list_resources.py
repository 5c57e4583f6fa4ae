from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db


def get(client: Client, path: str, **headers: str) -> Any:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.content
    return response.json()


def test_it_works(client: Client) -> None:
    resource = make_resource(name="Pharmacie du Marché", name_en="Market Pharmacy")
    french = get(client, "/api/v1/api-resources")
    assert [item["name"] for item in french["data"]] == ["Pharmacie du Marché"]
    assert (french["has_more"], french["next"], french["previous"]) == (False, None, None)
    english = get(client, "/api/v1/api-resources?lang=en")
    assert english["data"][0] | {"id": str(resource.pk)} == english["data"][0]
    assert english["data"][0]["name"] == "Market Pharmacy"
