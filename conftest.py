"""What every test shares: the servers of the `test` profile, and nothing else by default."""

from __future__ import annotations

import contextlib
import os

import pytest

from ecosysteme import embedded


def pytest_configure(config: pytest.Config) -> None:
    """Start this checkout's test servers before Django opens a connection."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ecosysteme.settings.test"
    if embedded.is_needed():
        config.stash[_SERVERS] = embedded.running()
        config.stash[_SERVERS].__enter__()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of them; the last process out stops them."""
    if _SERVERS in config.stash:
        config.stash[_SERVERS].__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _fresh_process_caches() -> None:
    """No test reads what another one left in this process, nor speaks the language of its last request."""
    from django.utils import translation  # noqa: PLC0415  settings come first

    from apps.core.process_cache import clear_process_caches  # noqa: PLC0415  settings come first

    clear_process_caches()
    translation.deactivate()


_SERVERS: pytest.StashKey[contextlib.AbstractContextManager[None]] = pytest.StashKey()
