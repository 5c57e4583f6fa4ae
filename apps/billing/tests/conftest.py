"""What the tests of adapters share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, scripted_operator


@pytest.fixture
def operator() -> Iterator[ScriptedOperator]:
    """An operator that says what it is told to."""
    with scripted_operator() as running:
        yield running


@pytest.fixture
def journal() -> RecordedJournal:
    """What calls were made."""
    return RecordedJournal()


@pytest.fixture
def short_waits(settings: Any) -> None:
    """Every waiting time for an operator is a second."""
    settings.PAYMENT_TIME_SCALE = 100
