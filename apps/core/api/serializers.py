"""What serializers of all apps share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class Moment(serializers.DateTimeField):
    """A moment in UTC: `2026-11-24T09:30:00Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=dt.UTC, **options)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members that nobody reads, naming them; what is only answered (`ignored`) may come back and changes nothing."""

    ignored: ClassVar[frozenset[str]] = frozenset()

    def to_internal_value(self, data: Any) -> Any:
        """The checked members. :raises ValidationError: naming each."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name)[:80] for name in set(data) - set(self.fields) - self.ignored)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: [serializers.ErrorDetail(_("Membre inconnu : %(name)s.") % {"name": name}, "unknown_member")]
                        for name in unknown[:20]
                    }
                )
        return super().to_internal_value(data)
