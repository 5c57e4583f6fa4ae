"""Opening hours of schema.org as one text in the syntax of OpenStreetMap, which the steps read."""

from __future__ import annotations

from typing import Any

from apps.ingestion.sources.rows import shortened

_DAYS = {
    "monday": "Mo",
    "tuesday": "Tu", "wednesday": "We", "thursday": "Th", "friday": "Fr", "saturday": "Sa", "sunday": "Su", "publicholidays": "PH",
}  # fmt: skip
PARTS_MAX = 60


def opening_hours(node: dict[str, Any]) -> str:
    """`Mo-Fr 08:00-17:00; Sa 08:00-12:00`; empty when the page says nothing, or nothing that can be read."""
    said = node.get("openingHours")
    texts = [shortened(one, 200) for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]
    if any(texts):
        return "; ".join(filter(None, texts[:PARTS_MAX]))
    specification = node.get("openingHoursSpecification")
    parts = [_part(one) for one in (specification if isinstance(specification, list) else [specification]) if isinstance(one, dict)]
    return "; ".join(filter(None, parts[:PARTS_MAX]))


def _part(specification: dict[str, Any]) -> str:
    # A holiday's exception says nothing of the usual week.
    if specification.get("validFrom") or specification.get("validThrough"):
        return ""
    said = specification.get("dayOfWeek")
    days = [_day(one) for one in (said if isinstance(said, list) else [said])]
    opens, closes = _time(specification.get("opens")), _time(specification.get("closes"))
    if not days or not all(days) or not opens or not closes:
        return ""
    # https://schema.org/OpeningHoursSpecification: equal times say that it is closed all day.
    if opens == closes:
        return f"{','.join(filter(None, days))} off"
    return f"{','.join(filter(None, days))} {opens}-{'24:00' if closes in {'23:59', '00:00'} else closes}"


def _day(value: Any) -> str:
    name = value.get("@id") or value.get("name") if isinstance(value, dict) else value
    return _DAYS.get(str(name).rpartition("/")[2].casefold(), "") if isinstance(name, str) else ""


def _time(value: Any) -> str:
    text = str(value or "")[:5]
    return text if len(text) == 5 and text[2] == ":" and text.replace(":", "").isdecimal() else ""
