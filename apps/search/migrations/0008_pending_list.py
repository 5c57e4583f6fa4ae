"""A batch of a thousand entries fits into the list that waits to be sorted into the index of terms. Before or after deploy."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations

LIMIT = "ALTER INDEX search_terms SET (gin_pending_list_limit = {kb})"


def index(kb: int) -> django.contrib.postgres.indexes.GinIndex:
    return django.contrib.postgres.indexes.GinIndex(
        fields=["terms"], gin_pending_list_limit=kb, name="search_terms", opclasses=["gin__int_ops"]
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0007_saved_search")]
    operations = [
        # Django would build the index anew.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(LIMIT.format(kb=4096), LIMIT.format(kb=1024))],
            state_operations=[
                migrations.RemoveIndex(model_name="resourcesearch", name="search_terms"),
                migrations.AddIndex(model_name="resourcesearch", index=index(4096)),
            ],
        )
    ]
