"""Rules that the database itself holds."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from apps.catalog.models import Category, Resource
from apps.core.clock import now

pytestmark = pytest.mark.django_db


def test_a_category_cannot_be_its_own_ancestor() -> None:
    root = Category.objects.create(slug="racine", name_fr="Racine", name_en="Root")
    leaf = Category.objects.create(slug="feuille", name_fr="Feuille", name_en="Leaf", parent=root)
    root.parent = leaf
    with pytest.raises(IntegrityError, match="cycle"):
        root.save()


@pytest.mark.parametrize(("latitude", "longitude"), [(4, None), (None, 9), (0, 0), (91, 9), (4, 181)])
def test_a_position_is_whole_and_possible(latitude: int | None, longitude: int | None) -> None:
    at = now()
    with pytest.raises(IntegrityError, match="api_resources_position_possible"):
        Resource.objects.create(
            resource_type="business", name="Banque", slug="banque", created_at=at, updated_at=at, latitude=latitude, longitude=longitude
        )


def test_a_profile_belongs_to_its_type_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname LIKE '%%_resource_type_fk'")
        assert cursor.fetchone() == (4,)
