"""Pages that need a browser: Chromium, which reaches the network through our checking proxy alone.

Playwright and Chromium are optional (`requirements/scrape.txt`): only sources whose recipe says `browser` need them.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from apps.core.outgoing import Client, user_agent
from apps.core.outgoing.proxy import CheckingProxy
from apps.ingestion.sources.pages import Page, PageUnavailable

PAGE_TIMEOUT_MS = 30_000
BODY_MAX = 5_000_000
WEB = ("http://", "https://")
INSIDE = ("data:", "blob:")
# What a page shows but does not need to say anything.
BLOCKED = frozenset({"image", "media", "font", "websocket", "eventsource", "manifest"})


def is_available() -> bool:
    """Whether Playwright and a Chromium are installed."""
    return importlib.util.find_spec("playwright") is not None and _chromium() is not None


def _chromium() -> str | None:
    return settings.CHROMIUM or shutil.which("chromium") or shutil.which("google-chrome")


@contextlib.contextmanager
def browsing(*, client: Client | None = None, wait_for: str | None = None) -> Iterator[Callable[[str], Page]]:
    """A function that opens a page and gives it as it is once its scripts ran; one browser for the length of the block.

    :param wait_for: selector of what must be there; without it, until the network is quiet.
    :raises PageUnavailable: from the function: the page does not open; here: no browser is installed.
    """
    chromium = _chromium()
    if chromium is None or not is_available():
        raise PageUnavailable("", "no_browser", is_final=False)
    api: Any = importlib.import_module("playwright.sync_api")
    with CheckingProxy(client or Client()) as proxy, api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            # Without `<-loopback>` Chromium would ask this machine directly.
            proxy={"server": proxy.url, "bypass": "<-loopback>"},
            args=[
                "--proxy-bypass-list=<-loopback>",
                # Names are the proxy's business: nothing is looked up here, and nothing goes out beside the proxy.
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
                "--webrtc-ip-handling-policy=disable_non_proxied_udp",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-gpu",
                "--no-first-run",
                *settings.CHROMIUM_ARGS,
            ],
        )
        try:
            yield lambda url: _opened(browser, api, url, wait_for)
        finally:
            browser.close()


def _opened(browser: Any, api: Any, url: str, wait_for: str | None) -> Page:
    """One page in a context of its own: no cookie, store or download outlives it."""
    # Files of this machine are pages to Chromium, and no proxy is asked for them.
    if not url.startswith(WEB):
        raise PageUnavailable(url, "url_invalid")
    context = browser.new_context(user_agent=user_agent(), locale="fr-FR", accept_downloads=False, service_workers="block")
    try:
        context.set_default_timeout(PAGE_TIMEOUT_MS)
        context.route("**/*", _let_through)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        response = page.goto(url, wait_until="domcontentloaded")
        if response is None or not response.ok:
            raise PageUnavailable(url, f"http_{response.status}" if response is not None else "answer_broken")
        if wait_for:
            page.wait_for_selector(wait_for, state="attached")
        else:
            # A page that never falls quiet is taken as it is by then.
            with contextlib.suppress(api.TimeoutError):
                page.wait_for_load_state("networkidle", timeout=PAGE_TIMEOUT_MS / 3)
        body = page.content().encode()
    except api.TimeoutError as error:
        raise PageUnavailable(url, "too_slow", str(error)[:120]) from error
    except api.Error as error:
        raise PageUnavailable(url, "browser_failed", str(error)[:120]) from error
    else:
        if len(body) > BODY_MAX:
            raise PageUnavailable(url, "too_large", str(len(body)))
        if not page.url.startswith(WEB):
            raise PageUnavailable(url, "url_invalid", page.url[:120])
        return Page(page.url, body, "text/html; charset=utf-8")
    finally:
        context.close()


def _let_through(route: Any) -> None:
    request = route.request
    if request.resource_type in BLOCKED or not request.url.startswith((*WEB, *INSIDE)):
        route.abort()
    else:
        route.continue_()
