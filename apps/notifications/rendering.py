"""From a message and its context to words: subject, text, HTML, and what fits a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from apps.notifications.exceptions import MissingVariable
from apps.notifications.messages import MESSAGES

_BUTTON = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")
# What Django's own tags put into a context or look for there.
_OF_TAGS = {"forloop", "block", "True", "False", "None", "use_l10n", "use_tz"}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a mail, or a button with its address."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Rendered:
    """The words of a message; `html` is empty for a text message."""

    subject: str
    text: str
    html: str


class StrictContext(Context):
    """A context that remembers each name that nobody gave: in conditions, too, whose comparisons swallow errors."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.missing: list[str] = []

    def __getitem__(self, key: Any) -> Any:
        """The value."""
        try:
            return super().__getitem__(key)
        except KeyError:
            self._note(key)
            raise

    def __contains__(self, key: Any) -> bool:
        """Whether a value is there: translated blocks ask first."""
        is_there = super().__contains__(key)
        if not is_there:
            self._note(key)
        return is_there

    def _note(self, key: Any) -> None:
        if key not in _OF_TAGS and not str(key).startswith("_"):
            self.missing.append(str(key))


def render_message(
    name: str, *, language: str, context: Mapping[str, Any], is_mail: bool, unsubscribe_url: str = "", is_strict: bool = False
) -> Rendered:  # fmt: skip
    """The words of a message in a language.

    :param unsubscribe_url: stands below a mail that one may do without.
    :param is_strict: a missing value is an error; for tests of the catalogue. A mail that leaves is rather incomplete than lost.
    :raises MissingVariable: only if strict.
    """
    with translation.override(language):
        values = _values(context)
        subject, paragraphs = _parts(name, values, is_strict=is_strict)
        if not is_mail:
            return Rendered("", " ".join([subject, *(part.text for part in paragraphs)]).strip(), "")
        text = "\n\n".join(f"{part.text}\n{part.url}" if part.url else part.text for part in paragraphs)
        around = {**values, "subject": subject, "paragraphs": paragraphs, "language": language, "unsubscribe_url": unsubscribe_url}
        html = _render("messages/layout.html", around, is_strict=is_strict)
        footer = _render("messages/footer.txt", around, is_strict=is_strict).strip()
        if unsubscribe_url:
            footer = "\n".join([footer, gettext("Pour ne plus recevoir ces messages :"), unsubscribe_url])
        return Rendered(subject, f"{text}\n\n-- \n{footer}\n", html)


def render_notice(name: str, *, language: str, context: Mapping[str, Any]) -> Rendered:
    """What the inbox shows: subject and paragraphs without greeting, buttons and links, nor the words that lead to one (`…:`)."""
    message = MESSAGES[name]
    hidden = {key: message.sample[key] for key in message.private}
    with translation.override(language):
        subject, paragraphs = _parts(name, _values({**context, "name": "", **hidden}), is_strict=False)
        greeting = _parts_of(_render("messages/_hello.txt", {"name": ""}, is_strict=False))
        shown = [one.text for one in paragraphs if not one.url and one not in greeting and not one.text.endswith(":")]
        return Rendered(subject, "\n\n".join(shown), "")


def render_short(name: str, *, language: str, context: Mapping[str, Any], is_strict: bool = False) -> str:
    """What fits a text message: the site, the subject and the page it leads to."""
    with translation.override(language):
        values = _values(context)
        subject, _paragraphs = _parts(name, values, is_strict=is_strict)
        return " ".join(f"{settings.SITE_NAME}: {subject} {values.get('url', '')}".split())


def render_parameters(name: str, *, language: str, context: Mapping[str, Any], is_strict: bool = False) -> list[str]:
    """The values of an approved WhatsApp template, in their order: one line each of `messages/<name>.whatsapp.txt`."""
    with translation.override(language):
        lines = _render(f"messages/{name}.whatsapp.txt", _values(context), is_strict=is_strict).strip().splitlines()
        return [" ".join(line.split()) for line in lines if line.strip()]


def _values(context: Mapping[str, Any]) -> dict[str, Any]:
    # One line each: a name with line breaks would otherwise write paragraphs and buttons of its own.
    plain = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in context.items()}
    return {"site_name": settings.SITE_NAME, "contact": settings.CONTACT_EMAIL, "name": "", **plain}


def _parts(name: str, values: Mapping[str, Any], *, is_strict: bool) -> tuple[str, list[Paragraph]]:
    # Text, not HTML: nothing is escaped here; the layout escapes each paragraph.
    source = _render(f"messages/{name}.txt", values, is_strict=is_strict).strip()
    subject, _newline, rest = source.partition("\n")
    return " ".join(subject.split()), _parts_of(rest)


def _parts_of(source: str) -> list[Paragraph]:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", source) if part.strip()]
    return [_paragraph(part) for part in parts]


def _paragraph(part: str) -> Paragraph:
    button = _BUTTON.fullmatch(part)
    return Paragraph(button[1], button[2]) if button else Paragraph(part)


def _render(path: str, values: Mapping[str, Any], *, is_strict: bool) -> str:
    if not is_strict:
        return render_to_string(path, dict(values))
    context = StrictContext(dict(values))
    try:
        return str(Engine.get_default().get_template(path).render(context))
    finally:
        # Also instead of what a filter says of nothing.
        if context.missing:
            raise MissingVariable(context.missing[0])
