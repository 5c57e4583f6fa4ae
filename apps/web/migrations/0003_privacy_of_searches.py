"""The privacy page says how searches are counted and kept. A page whose list staff has rewritten is left to them. Runs after deploy."""

from django.db import migrations

WORDS = {
    "body_fr": (
        "<li><strong>Deux cookies de confort.</strong>",
        "<li><strong>Recherches.</strong> Ce que l’on cherche est compté par jour, sans adresse, sans compte et sans historique : des mots ne "
        "sont conservés que si cinq personnes au moins les ont cherchés le même jour, jamais un numéro de téléphone ni une adresse. Les "
        "réglages « Do Not Track » et « Global Privacy Control » sont respectés. Une recherche que vous enregistrez dans votre compte "
        "n’est vue que de vous et s’efface avec lui.</li>\n",
    ),
    "body_en": (
        "<li><strong>Two comfort cookies.</strong>",
        "<li><strong>Searches.</strong> What is searched for is counted by day, without address, account or history: words are kept only "
        "once five people at least have searched them on the same day, never a phone number nor an address. The settings “Do Not Track” "
        "and “Global Privacy Control” are respected. A search that you save in your account is seen by you alone and is erased with it.</li>\n",
    ),
}


def add(apps, schema_editor):
    page = apps.get_model("web", "LegalPage").objects.filter(slug="confidentialite").first()
    if page is None:
        return
    for name, (before, words) in WORDS.items():
        body = getattr(page, name)
        if before in body and words not in body:
            setattr(page, name, body.replace(before, words + before, 1))
    page.save()


class Migration(migrations.Migration):
    dependencies = [("web", "0002_legal_texts")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
