"""French stemming with accents folded, for people who type "hopital" or "electricite"."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Runs before deploy; adds only."""

    initial = True
    dependencies = [("catalog", "0003_resource_card")]

    operations = [
        migrations.RunSQL(
            "DROP TEXT SEARCH CONFIGURATION IF EXISTS fr_u CASCADE;"
            "CREATE TEXT SEARCH CONFIGURATION fr_u (COPY = french);"
            "ALTER TEXT SEARCH CONFIGURATION fr_u ALTER MAPPING FOR hword, hword_part, word, asciihword, hword_asciipart, asciiword"
            " WITH unaccent, french_stem;",
            "DROP TEXT SEARCH CONFIGURATION fr_u;",
        )
    ]
