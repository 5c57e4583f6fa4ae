"""Numbers of places, which nobody reads any more. After deploy."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0013_sample_bits")]
    operations = [migrations.DeleteModel(name="SearchSampleTerm")]
