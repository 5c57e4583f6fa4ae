"""What is wrong with the page that is shown, whoever looks at it: axe in both themes, nothing wider than the window, and its weight."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

TEXT_TYPES = ("text/", "application/javascript", "image/svg+xml")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

# What a theme can break where the page's structure has been looked at in the other one: four times as quick.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Language and width of whoever looks: what axe finds comes with the one or with the other, not with both at once.
READERS = (("fr", 390), ("en", 1280))


def violations(page: Page, options: dict[str, Any] = AXE) -> list[str]:
    """What axe finds: rule and first element."""
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found]


def faults(page: Page) -> list[str]:
    """What axe finds in the light and in the dark theme, and a page that scrolls sideways."""
    # After a form was sent the new page may be there before its style sheet.
    page.wait_for_load_state()
    found = [] if page.evaluate("document.documentElement.scrollWidth <= innerWidth") else ["wider than the window"]
    for scheme, options in (("light", AXE), ("dark", COLOURS)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        # Colours fade for 150 ms; what axe would see in between is not a colour of the page.
        # What a page that asks again replaces meanwhile fades no more.
        page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
        found += [f"{scheme}: {rule}" for rule in violations(page, options)]
    return found


def first_visit(page: Page, url: str) -> dict[str, int]:
    """Bytes by content type that a phone loads which has this page's session and nothing else yet.

    As they leave in production: static files in brotli, a page gzipped where its view does it, else in quick brotli.
    """
    fresh = page.context.browser.new_context(viewport={"width": 390, "height": 844})  # type: ignore[union-attr]  # a browser runs it
    fresh.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one context gives the other takes
    first, answers = fresh.new_page(), list[Response]()
    first.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks the listener, which a method refuses
    first.goto(url, wait_until="networkidle")
    sizes: dict[str, int] = {}
    for answer in answers:
        kind = answer.headers.get("content-type", "").split(";")[0]
        sizes[kind] = sizes.get(kind, 0) + _packed(answer.body(), kind, is_zipped=answer.headers.get("content-encoding") == "gzip")
    fresh.close()
    return sizes


def _packed(body: bytes, kind: str, *, is_zipped: bool) -> int:
    if not kind.startswith(TEXT_TYPES):
        return len(body)
    if kind == "text/html":
        return len(gzip.compress(body, 6)) if is_zipped else len(brotli.compress(body, quality=4))
    return len(brotli.compress(body))
