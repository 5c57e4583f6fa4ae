"""The first version of the legal pages, in both languages. Texts that staff have changed since are theirs."""

from pathlib import Path

from django.db import migrations

PAGES = (
    ("mentions", "Mentions légales", "Legal notice"),
    ("confidentialite", "Confidentialité", "Privacy"),
    ("conditions", "Conditions d’utilisation", "Terms of use"),
)
FOLDER = Path(__file__).resolve().parent / "legal"


def write(apps, schema_editor):
    page_model = apps.get_model("web", "LegalPage")
    for slug, title_fr, title_en in PAGES:
        page_model.objects.get_or_create(
            slug=slug,
            defaults={
                "title_fr": title_fr,
                "title_en": title_en,
                "body_fr": (FOLDER / f"{slug}.fr.html").read_text(encoding="utf-8"),
                "body_en": (FOLDER / f"{slug}.en.html").read_text(encoding="utf-8"),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("web", "0001_legal_pages")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
