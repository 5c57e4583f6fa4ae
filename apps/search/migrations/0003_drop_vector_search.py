"""The table of text vectors and its configuration make way for tables of term numbers, which `rebuild_index` fills."""

from __future__ import annotations

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Runs before deploy; the release before it finds nothing until it is replaced."""

    dependencies = [("search", "0002_resource_search")]

    operations = [
        migrations.DeleteModel(name="ResourceSearch"),
        migrations.RunSQL("DROP TEXT SEARCH CONFIGURATION fr_u", "CREATE TEXT SEARCH CONFIGURATION fr_u (COPY = french)"),
        CreateExtension("intarray"),
    ]
