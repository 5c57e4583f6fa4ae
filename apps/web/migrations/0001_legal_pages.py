"""The table of legal pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LegalPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="adresse")),
                ("title_fr", models.CharField(max_length=80, verbose_name="titre en français")),
                ("title_en", models.CharField(max_length=80, verbose_name="titre en anglais")),
                ("body_fr", models.TextField(help_text="HTML : h2, p, ul, ol, li, strong, em, a.", verbose_name="texte en français")),
                ("body_en", models.TextField(help_text="HTML : h2, p, ul, ol, li, strong, em, a.", verbose_name="texte en anglais")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
            ],
            options={
                "verbose_name": "page légale",
                "verbose_name_plural": "pages légales",
                "db_table": "legal_pages",
                "ordering": ("slug",),
            },
        ),
    ]
