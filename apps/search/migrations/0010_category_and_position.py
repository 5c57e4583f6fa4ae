"""The nearest of a category by an index of their own. Before deploy: built while the table is read and written."""

from __future__ import annotations

from django.contrib.postgres.indexes import GistIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import F, Func

from apps.catalog.models.cards import PointField


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("search", "0009_search_sample")]
    operations = [
        AddIndexConcurrently(
            model_name="resourcesearch",
            index=GistIndex(
                F("category"), Func(template="point(geo[0], geo[1])", output_field=PointField()), name="search_category_geo"
            ),
        ),
    ]
