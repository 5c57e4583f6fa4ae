"""Identifiers of rows."""

from __future__ import annotations

import uuid

import uuid_utils.compat
from django.db.models import BigIntegerField, Func, Value


def uuid7() -> uuid.UUID:
    """A UUIDv7: unique without the database, and in order of creation, so that new rows lie together in indexes."""
    return uuid_utils.compat.uuid7()


class NextValue(Func):
    """Column default that draws the next number of a sequence, for short keys beside the UUIDs."""

    function = "nextval"
    allowed_default = True

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        super().__init__(Value(sequence), output_field=BigIntegerField())

    def deconstruct(self) -> tuple[str, tuple[str], dict[str, object]]:
        """For migrations."""
        return f"{type(self).__module__}.{type(self).__qualname__}", (self.sequence,), {}
