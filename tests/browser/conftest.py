"""Debian's Chromium, as a phone of a visitor in Douala; nothing leaves this machine."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from scripts.build_assets import OUT, build

# Playwright's synchronous interface runs an event loop, in which Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# A busy machine answers late; what never comes costs this only once.
expect.set_options(timeout=20_000)
LOCAL = ("http://localhost:", "http://127.0.0.1:", "data:", "blob:", "about:")


@pytest.fixture(scope="session", autouse=True)
def assets() -> None:
    """The style sheet, scripts and icons of this checkout."""
    build(OUT)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """No download of a browser, no call home."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*flags, "--no-first-run"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone, in French, without animations."""
    phone = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    return {**browser_context_args, **phone, "locale": "fr-FR", "timezone_id": "Africa/Douala"}


@pytest.fixture(autouse=True)
def stay_home(context: BrowserContext) -> None:
    """Refuse every request to another machine."""

    def answer(route: Route) -> None:
        if route.request.url.startswith(LOCAL):
            route.continue_()
        else:
            route.abort()

    context.route("**/*", answer)


@pytest.fixture
def console(page: Page) -> list[str]:
    """What the page complains of: refused by the policy, missing, or thrown."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: ARG001
    """Address of a server of this process with the demonstration catalogue; its rows are gone afterwards."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media):
        cache.clear()
        importlib.import_module("apps.web.migrations.0002_legal_texts").write(apps, None)
        call_command("load_reference", verbosity=0)
        call_command("load_demo", verbosity=0)
        call_command("rebuild_index", verbosity=0)
        server = LiveServer("127.0.0.1")
        try:
            yield str(server.url)
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            cache.clear()
