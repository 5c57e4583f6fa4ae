"""What can go wrong while sending."""

from __future__ import annotations


class PortFailed(Exception):
    """The message did not leave. `is_final` says that trying again is of no use (an address that does not exist)."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
