# Runs before the deploy, on tables that are still empty.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_find_payments_of_callbacks")]

    operations = [
        migrations.AddField("subscription", "anchor_day", models.PositiveSmallIntegerField(null=True, blank=True, editable=False)),
        migrations.AddField("grant", "price", models.ForeignKey("billing.Price", models.PROTECT, related_name="+", verbose_name="prix")),
        migrations.AddField("grant", "closed_at", models.DateTimeField("remplacé le", null=True, blank=True)),
    ]
