"""The sample from which large counts are made. Before deploy: filled with the next statistics, until then nothing reads it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0008_pending_list")]
    operations = [
        migrations.CreateModel(
            name="SearchSampleColumn",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("documents", models.IntegerField()),
                ("vals", models.JSONField(null=True)),
                ("numbers", models.BinaryField()),
            ],
            options={"db_table": "search_sample_column"},
        ),
        migrations.CreateModel(
            name="SearchSampleTerm",
            fields=[
                ("term", models.IntegerField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("places", models.BinaryField()),
            ],
            options={"db_table": "search_sample_term"},
        ),
    ]
