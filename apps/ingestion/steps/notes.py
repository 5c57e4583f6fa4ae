"""What the steps of one record did and dropped, as they go."""

from __future__ import annotations

from apps.ingestion.steps.record import Reason, Step, shown

SHOWN_MAX = 200


class Notes:
    """Collects history and warnings of one record. Texts are cut to what a history shows."""

    __slots__ = ("steps", "warnings")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.warnings: list[Reason] = []

    def changed(self, step: str, field: str, before: str, after: str) -> None:
        """Remember that a step made `after` of `before`; equal values leave no trace."""
        if before != after:
            self.steps.append(Step(step, field, shown(before, SHOWN_MAX), shown(after, SHOWN_MAX)))

    def dropped(self, field: str, code: str, detail: object = "") -> None:
        """Warn that something of a field was left out or is in doubt."""
        self.warnings.append(Reason(field, code, shown(str(detail))))
