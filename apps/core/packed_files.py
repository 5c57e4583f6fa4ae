"""Files of operators, plain or packed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO


def open_counted(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The decoded stream, and the raw one whose `tell()` says how far the reading is."""
    raw = path.open("rb")
    is_gzip = raw.peek(2)[:2] == b"\x1f\x8b"
    stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[assignment]  # it reads as IO[bytes]
    return stream, raw
