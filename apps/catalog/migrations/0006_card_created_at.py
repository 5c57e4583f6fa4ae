# Runs before the deploy. The update writes every card once: about a minute a million entries; reads go on meanwhile.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_card_filter_indexes")]

    operations = [
        migrations.AddField("resourcecard", "created_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE resource_card c SET created_at = r.created_at FROM api_resources r WHERE r.id = c.resource_id",
            migrations.RunSQL.noop,
        ),
        # What the update queued must be done before the table changes again.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("resourcecard", "created_at", models.DateTimeField()),
        migrations.AddIndex("resourcecard", models.Index("language", "created_at", name="card_created")),
    ]
