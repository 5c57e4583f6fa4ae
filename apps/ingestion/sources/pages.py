"""Pages as readers get them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from w3lib.encoding import html_to_unicode

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"


@dataclass(frozen=True)
class Page:
    """What an address answered. `is_unchanged`: the same bytes as at the last reading."""

    url: str
    body: bytes = field(repr=False)
    content_type: str = ""
    is_unchanged: bool = False

    @property
    def text(self) -> str:
        """The body decoded as a browser does: by header, mark or meta element, else as UTF-8, else as Windows-1252."""
        return str(html_to_unicode(self.content_type or None, self.body, default_encoding="utf-8", auto_detect_fun=_guessed)[1])


def _guessed(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


class PageUnavailable(Exception):
    """An address gives no page: a stable word, and what was found. `is_final` when asking again is of no use in this reading."""

    def __init__(self, url: str, reason: str, detail: str = "", *, is_final: bool = True) -> None:
        super().__init__(f"{reason}: {url}")
        self.url, self.reason, self.detail, self.is_final = url, reason, detail, is_final


class Fetch(Protocol):
    """Brings a page, politely. :raises PageUnavailable: there is none."""

    def __call__(self, url: str, *, accept: str = HTML, changed_at: dt.datetime | None = None) -> Page:
        """:param changed_at: when the site says that it changed last; what was read since then is not asked again."""
        ...


def is_same_site(url: str, start: str) -> bool:
    """Whether an address is of the host that a reading began at (`www.` aside): a page may not send us elsewhere."""
    return _site(url) == _site(start)


def _site(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower().removeprefix("www."), parts.port
    except ValueError:
        return url, -1
