"""A journal that a test can read."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.billing.choices import CallKind


@dataclass
class Entry:
    """One call."""

    kind: CallKind
    method: str
    path: str
    status: int | None = None
    body: str = ""
    error: str = ""
    is_ended: bool = False


@dataclass
class RecordedJournal:
    """Keeps what it is told."""

    entries: list[Entry] = field(default_factory=list)

    def begin(self, kind: CallKind, method: str, path: str) -> int:
        """A call leaves."""
        self.entries.append(Entry(kind, method, path))
        return len(self.entries) - 1

    def end(self, call: int, *, status: int | None, body: str, error: str) -> None:
        """It came back."""
        entry = self.entries[call]
        assert not entry.is_ended
        entry.status, entry.body, entry.error, entry.is_ended = status, body, error, True

    @property
    def kinds(self) -> list[CallKind]:
        """What the calls were for, in order."""
        return [entry.kind for entry in self.entries]

    @property
    def text(self) -> str:
        """All that was written down."""
        return "\n".join(f"{entry.path} {entry.body} {entry.error}" for entry in self.entries)
