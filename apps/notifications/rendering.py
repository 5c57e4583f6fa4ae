"""From a message and its context to words: subject, text, HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

_BUTTON = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")


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


def render_message(name: str, *, language: str, context: Mapping[str, Any], is_mail: bool) -> Rendered:
    """The words of a message in a language."""
    with translation.override(language):
        # One line each: a name with line breaks would otherwise write paragraphs and buttons of its own.
        plain = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in context.items()}
        values = {"site_name": settings.SITE_NAME, "contact": settings.CONTACT_EMAIL, **plain}
        # Text, not HTML: nothing is escaped here; the layout escapes each paragraph.
        source = render_to_string(f"messages/{name}.txt", values).strip()
        if not is_mail:
            return Rendered("", " ".join(source.split()), "")
        subject, _newline, rest = source.partition("\n")
        parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", rest) if part.strip()]
        paragraphs = [_paragraph(part) for part in parts]
        text = "\n\n".join(f"{part.text}\n{part.url}" if part.url else part.text for part in paragraphs)
        html = render_to_string("messages/layout.html", {**values, "subject": subject, "paragraphs": paragraphs, "language": language})
        footer = render_to_string("messages/footer.txt", values).strip()
        return Rendered(" ".join(subject.split()), f"{text}\n\n-- \n{footer}\n", html)


def _paragraph(part: str) -> Paragraph:
    button = _BUTTON.fullmatch(part)
    return Paragraph(button[1], button[2]) if button else Paragraph(part)
