"""The frame that every page has: its head, its twin in the other language, its place in the navigation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}
TITLE_MAX = 48
DESCRIPTION_MAX = 160


@dataclass(frozen=True)
class Meta:
    """What the head of a page says. `robots` is None when search engines may index the page."""

    title: str
    description: str
    canonical: str | None = None
    robots: str | None = None
    og_type: str = "website"
    og_image: str | None = None
    json_ld: Sequence[str] = field(default_factory=list)


def current_language() -> str:
    """`fr` or `en`."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def page_url(request: HttpRequest, language: str | None = None) -> str:
    """Absolute address of this page without its query, in the given language or its own."""
    path = request.path
    if language is not None:
        path = f"/{language}{path[3:]}"
    return request.build_absolute_uri(path)


def alternates(request: HttpRequest, query: str = "") -> list[dict[str, str]]:
    """This page in every language, itself included; `query` is what of the query string belongs to the page."""
    suffix = f"?{query}" if query else ""
    return [{"code": code, "url": page_url(request, code) + suffix, "name": name} for code, name in LANGUAGE_NAMES.items()]


def dump_json_ld(data: Mapping[str, Any]) -> SafeString:
    """Structured data as text that cannot end its script element."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False, separators=(",", ":"))
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(escaped)  # noqa: S308  every character that HTML could read is escaped above


def breadcrumb_json_ld(request: HttpRequest, crumbs: Sequence[Mapping[str, str]]) -> SafeString:
    """The trail above a page; the last crumb is the page itself and has no address of its own."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": crumb["name"],
            **({"item": request.build_absolute_uri(crumb["url"])} if crumb.get("url") else {}),
        }
        for position, crumb in enumerate(crumbs, 1)
    ]
    return dump_json_ld({"@type": "BreadcrumbList", "itemListElement": items})


def shorten(text: str, limit: int) -> str:
    """The text, cut at a word with an ellipsis when it is longer than `limit` characters."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"


def frame(request: HttpRequest, *, meta: Meta, query: str = "", **context: Any) -> dict[str, Any]:
    """The context that templates/base.html reads, and the page's own. A page without a picture of its own shares the site's."""
    if meta.og_image is None:
        meta = replace(meta, og_image=request.build_absolute_uri(reverse("web:share_image")))
    return {"meta": meta, "alternates": alternates(request, query), **context}
