"""A profile can only belong to an entry of its own type: composite foreign keys, which models cannot say."""

from __future__ import annotations

from django.db import migrations

TABLES = ("business_profiles", "service_profiles", "dataset_profiles", "api_profiles")


class Migration(migrations.Migration):
    """Runs before deploy; the tables are new."""

    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_resource_type_fk;"
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_resource_type_fk FOREIGN KEY (resource_id, resource_type)"
            " REFERENCES api_resources (id, resource_type) DEFERRABLE INITIALLY DEFERRED;",
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_resource_type_fk;",
        )
        for table in TABLES
    ]
