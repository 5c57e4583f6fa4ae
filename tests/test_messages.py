"""The English catalogue: collected from the sources, and complete for the components."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest
from django.conf import settings

from scripts.collect_messages import CATALOGUE, PLACEHOLDER, Message, python_messages, template_messages, updated

COMPONENTS = sorted((settings.BASE_DIR / "templates" / "components").glob("*.html"))


def test_it_works() -> None:
    source = 'a = _("Un")\nb = ngettext("%(n)d fiche", "%(n)d fiches", n)\nc = pgettext("heure", "Plus tard")\nd = _(name)\n'
    assert list(python_messages(source)) == [Message("Un"), Message("%(n)d fiche", "", "%(n)d fiches"), Message("Plus tard", "heure")]


def test_templates_give_what_django_looks_up() -> None:
    source = """{% load i18n %}{% if a %}{% trans "Un" context "nombre" %}{% endif %}{% for b in c %}
    {% blocktrans count n=b with shown=b trimmed %}
      Voir {{ shown }} résultat
    {% plural %}
      Voir {{ shown }} résultats
    {% endblocktrans %}{% endfor %}"""
    plural = Message("Voir %(shown)s résultat", "", "Voir %(shown)s résultats")
    assert list(template_messages(source)) == [Message("Un", "nombre"), plural]


def test_translations_are_kept_and_what_nobody_says_goes() -> None:
    old = polib.POFile()
    old.append(polib.POEntry(msgid="Ouvert", msgstr="Open"))
    old.append(polib.POEntry(msgid="Parti", msgstr="Gone"))
    old.append(polib.POEntry(msgid="%(n)s fiche", msgid_plural="%(n)s fiches", msgstr_plural={0: "one", 1: "many"}))
    new = updated(old, {Message("Ouvert"), Message("Neuf"), Message("%(n)s fiche", "", "%(n)s fiches")})
    assert [(entry.msgid, entry.msgstr or entry.msgstr_plural) for entry in new] == [
        ("%(n)s fiche", {0: "one", 1: "many"}),
        ("Neuf", {}),
        ("Ouvert", "Open"),
    ]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_speaks_english(component: Path) -> None:
    known = {(entry.msgid, entry.msgctxt or ""): entry for entry in polib.pofile(str(CATALOGUE))}
    for message in template_messages(component.read_text(encoding="utf-8")):
        entry = known.get((message.text, message.context))
        assert entry is not None, message
        assert entry.translated(), message


def test_translations_keep_their_placeholders() -> None:
    """The singular may leave the number out ("one field"); nothing may ask for what the source does not give."""
    for entry in polib.pofile(str(CATALOGUE)):
        given = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
        for text in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            assert set(PLACEHOLDER.findall(text)) <= given, text
        if entry.msgstr:
            assert set(PLACEHOLDER.findall(entry.msgstr)) == given, entry.msgstr
