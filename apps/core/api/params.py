"""Query parameters, read strictly: what nobody reads is an error that names it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.exceptions import DomainError

LIMIT_DEFAULT, LIMIT_MAX = 20, 100
OFFSET_MAX = 10_000
_TRUE, _FALSE = {"true", "1"}, {"false", "0"}
_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,15})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Also what Django reads bytes as that are not UTF-8.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f\ufffd]")


class InvalidParameter(DomainError):
    """Query parameters that cannot be used; `errors` names each."""

    code = "invalid_parameter"
    status = 400

    def __init__(self, errors: Sequence[tuple[str, str]], **extensions: Any) -> None:
        super().__init__(
            "; ".join(detail for _name, detail in errors),
            errors=[{"parameter": name, "detail": detail} for name, detail in errors],
            **extensions,
        )


class Params:
    """Reads parameters one by one, then `finish()` refuses the rest. Every reader returns None for an absent one."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query
        self._read: set[str] = {"lang"}
        self._errors: list[tuple[str, str]] = []

    def text(self, name: str, *, limit: int = 200) -> str | None:
        """A single value in UTF-8 without control characters; empty counts as absent."""
        self._read.add(name)
        if name not in self._query:
            return None
        values = self._query.getlist(name)
        if len(values) > 1:
            self._errors.append((name, _("« %(name)s » ne peut être donné qu’une fois.") % {"name": name}))
        value = values[0].strip() if values else ""
        if len(value) > limit or _FORBIDDEN.search(value):
            self._errors.append((name, _("« %(name)s » est trop long ou contient des caractères interdits.") % {"name": name}))
            return None
        return value or None

    def has(self, name: str) -> bool:
        """Whether it was given a value, readable or not."""
        return bool(self._query.get(name, "").strip())

    def words(self, name: str) -> tuple[str, ...]:
        """Several words, separated by commas."""
        text = self.text(name, limit=1000) or ""
        return tuple(part.strip() for part in text.split(",") if part.strip())

    def choice(self, name: str, values: Sequence[str]) -> str | None:
        """One of a closed list."""
        value = self.text(name)
        if value is not None and value not in values:
            allowed = ", ".join(values)
            self._errors.append(
                (name, _("« %(name)s » doit être l’une de ces valeurs : %(allowed)s.") % {"name": name, "allowed": allowed})
            )
            return None
        return value

    def choices(self, name: str, values: Sequence[str]) -> tuple[str, ...]:
        """Several of a closed list, separated by commas."""
        text = self.text(name, limit=500)
        if text is None:
            return ()
        asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        unknown = [value for value in asked if value not in values]
        if unknown:
            self._errors.append(
                (name, _("« %(name)s » ne connaît pas : %(unknown)s.") % {"name": name, "unknown": ", ".join(unknown)[:200]})
            )
        return tuple(value for value in asked if value in values)

    def groups(self, name: str, values: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Several of a closed list: a comma separates alternatives, and every repetition must be met."""
        self._read.add(name)
        found: list[tuple[str, ...]] = []
        for text in self._query.getlist(name)[:20]:
            asked = tuple(dict.fromkeys(part.strip() for part in text[:500].split(",") if part.strip()))
            unknown = [value for value in asked if value not in values]
            if unknown:
                known = {"name": name, "unknown": ", ".join(unknown)[:200]}
                self._errors.append((name, _("« %(name)s » ne connaît pas : %(unknown)s.") % known))
            elif asked:
                found.append(asked)
        return tuple(found)

    def boolean(self, name: str) -> bool | None:
        """`true`, `false`, `1` or `0`."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in _TRUE | _FALSE:
            self._errors.append((name, _("« %(name)s » doit être true ou false.") % {"name": name}))
            return None
        return value.lower() in _TRUE

    def integer(self, name: str, *, minimum: int, maximum: int) -> int | None:
        """A whole number within bounds."""
        value = self.text(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9) or not minimum <= int(value) <= maximum:
            bounds = {"name": name, "minimum": minimum, "maximum": maximum}
            self._errors.append((name, _("« %(name)s » doit être un nombre entier de %(minimum)s à %(maximum)s.") % bounds))
            return None
        return int(value)

    def uuid(self, name: str) -> uuid.UUID | None:
        """An id."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return uuid.UUID(value)
        except ValueError:
            self._errors.append((name, _("« %(name)s » est un identifiant de la forme donnée par l’API.") % {"name": name}))
            return None

    def degrees(self, name: str, maximum: int) -> float | None:
        """Degrees from minus `maximum` to `maximum`."""
        value = self.text(name)
        if value is None:
            return None
        if not _DEGREES.fullmatch(value) or abs(float(value)) > maximum:
            bounds = {"name": name, "maximum": maximum}
            self._errors.append((name, _("« %(name)s » doit être un nombre de degrés de -%(maximum)s à %(maximum)s.") % bounds))
            return None
        return float(value)

    def limit(self) -> int:
        """Rows of a page."""
        return self.integer("limit", minimum=1, maximum=LIMIT_MAX) or LIMIT_DEFAULT

    def offset(self) -> int:
        """Rows to pass over; deeper than `OFFSET_MAX` only a cursor goes."""
        value = self.integer("offset", minimum=0, maximum=999_999_999) or 0
        if value > OFFSET_MAX:
            detail = _("« offset » va jusqu’à %(maximum)s. Pour aller plus loin, suivez les liens « next », qui portent un curseur.")
            self._errors.append(("offset", detail % {"maximum": OFFSET_MAX}))
        return min(value, OFFSET_MAX)

    def bbox(self, name: str = "bbox") -> tuple[float, float, float, float] | None:
        """`minLng,minLat,maxLng,maxLat` in degrees, as (west, south, east, north)."""
        value = self.text(name)
        if value is None:
            return None
        parts = [part.strip() for part in value.split(",")]
        if len(parts) == 4 and all(_DEGREES.fullmatch(part) for part in parts):
            west, south, east, north = (float(part) for part in parts)
            if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
                return west, south, east, north
        self._errors.append((name, _("« %(name)s » s’écrit minLng,minLat,maxLng,maxLat, en degrés.") % {"name": name}))
        return None

    def moment(self, name: str) -> dt.datetime | None:
        """A moment in ISO 8601 with its offset, or a day, which begins at midnight in Cameroon."""
        value = self.text(name, limit=40)
        if value is None:
            return None
        try:
            # A space is what a plus sign in a query becomes when nobody escapes it.
            found = dt.datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", value))
        except ValueError:
            found = None
        if found is None or not 1 < found.year < 9999 or (found.tzinfo is None and len(value) > len("2026-11-24")):
            example = {"name": name, "example": "2026-11-24T08:00:00Z"}
            self._errors.append((name, _("« %(name)s » doit être un moment ISO 8601 avec son fuseau, par exemple %(example)s.") % example))
            return None
        # In UTC: Python knows offsets that PostgreSQL refuses.
        return (found if found.tzinfo else timezone.make_aware(found)).astimezone(dt.UTC)

    def day(self, name: str) -> dt.date | None:
        """A day in ISO 8601."""
        value = self.text(name, limit=20)
        if value is None:
            return None
        try:
            # Python also reads weeks and days without hyphens.
            return dt.date.fromisoformat(value if _DAY.fullmatch(value) else "")
        except ValueError:
            example = {"name": name, "example": "2026-11-24"}
            self._errors.append((name, _("« %(name)s » doit être un jour ISO 8601, par exemple %(example)s.") % example))
            return None

    def error(self, name: str, detail: str) -> None:
        """Report what only the caller can judge."""
        self._errors.append((name, detail))

    def finish(self) -> None:
        """:raises InvalidParameter: an unusable value, or a parameter that nobody read."""
        unknown = sorted(set(self._query) - self._read)
        self._errors += [(name[:100], _("Paramètre inconnu : %(name)s.") % {"name": name[:100]}) for name in unknown[:20]]
        if self._errors:
            raise InvalidParameter(self._errors)
