"""Rules that the database itself holds."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from apps.catalog.models import Category

pytestmark = pytest.mark.django_db


def test_a_category_cannot_be_its_own_ancestor() -> None:
    root = Category.objects.create(slug="racine", name_fr="Racine", name_en="Root")
    leaf = Category.objects.create(slug="feuille", name_fr="Feuille", name_en="Leaf", parent=root)
    root.parent = leaf
    with pytest.raises(IntegrityError, match="cycle"):
        root.save()


def test_a_profile_belongs_to_its_type_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname LIKE '%%_resource_type_fk'")
        assert cursor.fetchone() == (4,)
