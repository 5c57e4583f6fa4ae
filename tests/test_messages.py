"""The catalogues: collected from the sources, complete in English, set as French is printed."""

from __future__ import annotations

import json
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

from scripts.collect_messages import CATALOGUE, FRENCH, PLACEHOLDER, Message, collect, french, python_messages, template_messages, updated
from scripts.typography import typeset

SHIPPED = ("name", "description_fr", "landmark_fr")
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


def test_the_catalogues_hold_what_the_sources_say() -> None:
    """Else: scripts/collect_messages.py, and the English of what it prints."""
    said = collect()
    english, printed = polib.pofile(str(CATALOGUE)), polib.pofile(str(FRENCH))
    assert {(entry.msgid, entry.msgctxt or "") for entry in english} == {(message.text, message.context) for message in said}
    assert [entry.msgid for entry in english.untranslated_entries()] == []
    assert list(map(str, printed)) == list(map(str, french(said)))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Mot de passe oublié ?", "Mot de passe oublié\u202f?"),
        ("Deux jours ; pas plus !", "Deux jours\u202f; pas plus\u202f!"),
        ("Une clé : « la mienne ».", "Une clé\u00a0: «\u00a0la mienne\u00a0»."),
        ("« Où ? » : <b>ici</b>", "«\u00a0Où\u202f?\u00a0»\u00a0: <b>ici</b>"),
        ("Déjà\u202f? Oui\u00a0: déjà.", "Déjà\u202f? Oui\u00a0: déjà."),
        ("Voir https://exemple.cm/a?b=c à 8:00, R&amp;D", "Voir https://exemple.cm/a?b=c à 8:00, R&amp;D"),
        ("Fermé :\ndemain", "Fermé\u00a0:\ndemain"),
        ("curl :8000 ?page=2", "curl :8000 ?page=2"),
    ],
)
def test_french_spaces_do_not_break(typed: str, printed: str) -> None:
    assert typeset(typed) == printed
    assert typeset(printed) == printed


def test_no_french_sentence_is_shown_with_plain_spaces() -> None:
    """Those of the sources as a visitor reads them, the legal pages, and the names and texts that we ship."""
    with translation.override("fr"):
        shown = [
            translation.pgettext(message.context, message.text) if message.context else translation.gettext(message.text)
            for message in collect()
        ]
    shown += [path.read_text(encoding="utf-8") for path in settings.BASE_DIR.glob("apps/*/migrations/**/*.fr.html")]
    for path in settings.BASE_DIR.glob("apps/catalog/demo/*.json"):
        shown += [str(entry[field]) for entry in json.loads(path.read_text(encoding="utf-8")) for field in entry if field in SHIPPED]
    assert len(shown) > 2000
    assert [text for text in shown if typeset(text) != text] == []
