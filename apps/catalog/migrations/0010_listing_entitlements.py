# Runs before the deploy. The index reads the entries once (a second a million) and holds the few that show a plan.

from django.db import migrations, models
from django.db.models import F, Q

KEYS = ["photos", "offers", "no_competitors", "rank_weight", "featured_label"]
LABELS = [
    "Photos", "Offres sur la fiche", "Aucune autre fiche sur la page", "Poids dans le classement", "Premières places signalées",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_records_are_unique_not_entries")]

    operations = [
        migrations.CreateModel(
            "ListingEntitlement",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField("droit", max_length=30, choices=list(zip(KEYS, LABELS, strict=True)))),
                ("value", models.PositiveIntegerField("valeur")),
                ("valid_until", models.DateTimeField("valable jusqu’au", null=True, blank=True)),
                ("created_at", models.DateTimeField("créé le", auto_now_add=True)),
                ("updated_at", models.DateTimeField("modifié le", auto_now=True)),
                ("resource", models.ForeignKey("catalog.Resource", models.CASCADE, related_name="entitlements", verbose_name="fiche")),
            ],
            {
                "db_table": "listing_entitlements",
                "verbose_name": "droit d’une fiche",
                "verbose_name_plural": "droits des fiches",
                "constraints": [
                    models.UniqueConstraint(F("resource"), F("key"), name="listing_entitlements_once"),
                    models.CheckConstraint(condition=Q(key__in=KEYS), name="listing_entitlements_key_known"),
                ],
            },
        ),
        migrations.AddIndex("resource", models.Index(fields=["id"], condition=~Q(plan="free"), name="idx_businesses_paid")),
    ]
