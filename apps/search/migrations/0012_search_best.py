"""Lists of the best entries of frequent words, made with the next statistics; and an index that nobody reads goes. Before deploy."""

from __future__ import annotations

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("search", "0011_listing_queries")]
    operations = [
        migrations.CreateModel(
            name="SearchBest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term", "rank", "resource_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("term", models.IntegerField()),
                ("rank", models.SmallIntegerField()),
                ("resource_id", models.UUIDField()),
            ],
            options={"db_table": "search_best"},
        ),
        migrations.CreateModel(
            name="SearchBestList",
            fields=[
                ("term", models.IntegerField(primary_key=True, serialize=False)),
                ("named", models.IntegerField()),
                ("rank", models.SmallIntegerField()),
                ("resource_id", models.UUIDField()),
            ],
            options={"db_table": "search_best_list"},
        ),
        RemoveIndexConcurrently(model_name="resourcesearch", name="search_suggestion_order"),
    ]
