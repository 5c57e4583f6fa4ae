"""Bring locale/*/LC_MESSAGES/django.po up to date with the sentences of the sources, without the gettext programs.

    python scripts/collect_messages.py

Source sentences are French. New ones are added to the English catalogue without a translation, those that nothing says any
more are dropped; what is left to translate is printed. Kept in the order of the sentences, so that two branches rarely
touch the same lines. The French catalogue is made here, with the spaces of French typography: nobody edits it.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
import polib
from django.template import Engine
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the script is run by its path
from scripts.typography import typeset  # noqa: E402

CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADER = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "en",
    "MIME-Version": "1.0",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
FRENCH = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# Positions of (context, message, plural) in the calls of django.utils.translation.
CALLS = {
    "_": (None, 0, None), "gettext": (None, 0, None), "gettext_lazy": (None, 0, None), "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1), "ngettext_lazy": (None, 0, 1), "pgettext": (0, 1, None), "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2), "npgettext_lazy": (0, 1, 2),
}  # fmt: skip


class Message(NamedTuple):
    """One sentence of the sources; context and plural are empty when there is none."""

    text: str
    context: str = ""
    plural: str = ""


def main() -> None:
    """Update the catalogue and print what has no translation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    django.setup()
    catalogue = updated(polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile(), collect())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    french(collect()).save(str(FRENCH))
    left = catalogue.untranslated_entries()
    for entry in left:
        sys.stdout.write(f"{entry.msgid}\n")
    sys.stdout.write(f"messages={len(catalogue)} untranslated={len(left)}\n")


def collect() -> set[Message]:
    """Every sentence of the Python sources and of the templates. Needs Django to be set up."""
    messages: set[Message] = set()
    for folder in ("apps", "ecosysteme"):
        for source in sorted((ROOT / folder).rglob("*.py")):
            if "tests" not in source.parts and source.name != "styleguide.py":
                messages.update(python_messages(source.read_text(encoding="utf-8")))
    for template in sorted((ROOT / "templates").rglob("*")):
        if template.suffix in {".html", ".txt"} and template.name != "styleguide.html":
            messages.update(template_messages(template.read_text(encoding="utf-8")))
    return messages


def python_messages(source: str) -> Iterator[Message]:
    """The sentences of calls whose arguments are plain text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name not in CALLS:
            continue
        context, text, plural = (_plain(node, position) for position in CALLS[name])
        if text:
            yield Message(text, context, plural)


def _plain(call: ast.Call, position: int | None) -> str:
    """The text at one place of a call, or nothing when it is not plain text."""
    if position is None or len(call.args) <= position:
        return ""
    argument = call.args[position]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


def template_messages(source: str) -> Iterator[Message]:
    """The sentences of {% trans %} and {% blocktranslate %} in a template, found by parsing it. We do not use _("…") there."""
    template = Engine.get_default().from_string(source)
    for node in template.nodelist.get_nodes_by_type(Node):
        context = _context(getattr(node, "message_context", None))
        if isinstance(node, TranslateNode):
            text = node.filter_expression.var
            yield Message(str(getattr(text, "literal", text)), context)
        elif isinstance(node, BlockTranslateNode):
            singular, _names = node.render_token_list(node.singular)
            plural = node.render_token_list(node.plural)[0] if node.plural and node.countervar else ""
            yield Message(_trimmed(singular, node), context, _trimmed(plural, node))


def _context(expression: object) -> str:
    """The context of a tag, which is always plain text with us."""
    return str(getattr(getattr(expression, "var", None), "literal", getattr(expression, "var", ""))) if expression else ""


def _trimmed(text: str, node: object) -> str:
    """Text of a block as Django looks it up."""
    return trim_whitespace(text) if getattr(node, "trimmed", False) else text


def french(messages: set[Message]) -> polib.POFile:
    """The sentences whose spaces are typed plainly, set as French is printed, and those with a plural.

    Plurals are there even when nothing changes: a catalogue is what tells gettext that zero is singular in French.
    """
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {**HEADER, "Language": "fr", "Plural-Forms": "nplurals=2; plural=(n > 1);"}
    for text, context, plural in merged(messages):
        entry = polib.POEntry(msgid=text, msgctxt=context or None, msgid_plural=plural)
        if plural:
            entry.msgstr_plural = {0: typeset(text), 1: typeset(plural)}
        elif (printed := typeset(text)) != text:
            entry.msgstr = printed
        else:
            continue
        catalogue.append(entry)
    return catalogue


def merged(messages: set[Message]) -> list[Message]:
    """In order, each text and context once, with the plural that one of its uses gives."""
    plurals: dict[tuple[str, str], str] = {}
    for message in sorted(messages):
        key = (message.text, message.context)
        plurals[key] = plurals.get(key) or message.plural
    return [Message(text, context, plural) for (text, context), plural in plurals.items()]


def updated(old: polib.POFile, messages: set[Message]) -> polib.POFile:
    """A catalogue of exactly these messages, with the translations that the old one has."""
    known = {(entry.msgid, entry.msgctxt or ""): entry for entry in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = HEADER
    for text, context, plural in merged(messages):
        entry = polib.POEntry(msgid=text, msgctxt=context or None, msgid_plural=plural)
        before = known.get((text, context))
        one = before.msgstr or before.msgstr_plural.get(0, "") if before else ""
        if plural:
            entry.msgstr_plural = {0: one, 1: before.msgstr_plural.get(1, "") if before else ""}
        else:
            entry.msgstr = one
        new.append(entry)
    return new


if __name__ == "__main__":
    main()
