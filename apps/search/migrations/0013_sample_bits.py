"""Rows of the sample as bits. Before deploy: the sample is drawn with the next statistics, until then large counts are read as far as they are exact."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0012_search_best")]
    operations = [
        migrations.CreateModel(
            name="SearchSampleBits",
            fields=[
                ("term", models.IntegerField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("bits", models.BinaryField()),
            ],
            options={"db_table": "search_sample_bits"},
        ),
        # Its columns are in another order than the former ones.
        migrations.RunSQL("DELETE FROM search_sample_column", migrations.RunSQL.noop),
    ]
