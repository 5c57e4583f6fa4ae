"""What is wrong with the page that is shown, whoever looks at it: axe in both themes, and nothing wider than the window."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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
        page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
        found += [f"{scheme}: {rule}" for rule in violations(page, options)]
    return found
