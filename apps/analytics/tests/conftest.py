"""What tests of analytics share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.analytics.gate import gate
from apps.analytics.services.buffering import buffer
from apps.analytics.services.latency import calls
from apps.analytics.stream import stream


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> Iterator[None]:
    """Neither this process nor Redis remembers what another test told."""
    gate.clear()
    buffer.clear()
    calls.clear()
    stream.forget()
    yield
    buffer.clear()
    stream.forget()
