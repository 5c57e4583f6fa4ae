"""Opening hours, written as a whole: the week, the particular days, the rule for holidays."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.choices import HolidayPolicy, HoursKind
from apps.catalog.models import OpeningInterval, Resource, SpecialDay
from apps.catalog.services import member_rules as rules
from apps.catalog.services.provenance import lock_fields
from apps.catalog.services.records import lock_resource, save_change
from apps.catalog.validation import has_overlap
from apps.core.exceptions import FieldsInvalid

INTERVALS_MAX, SPECIAL_DAYS_MAX = 50, 120
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?")

Row = tuple[int, dt.time | None, dt.time | None, bool]
DayRow = tuple[dt.date, dt.time | None, dt.time | None, bool, str]


@dataclass
class HoursInput:
    """Checked hours. `hours` and `special_days` are whole lists."""

    hours_kind: str
    holiday_policy: str
    hours: list[Row] = field(default_factory=list)
    special_days: list[DayRow] = field(default_factory=list)


def read_hours(data: object) -> HoursInput:
    """Check `{hours_kind?, holiday_policy?, hours: [{day_of_week, open_time, close_time, is_closed}], special_days?: [...]}`.

    :raises FieldsInvalid: with every refusal, overlaps included.
    """
    if not isinstance(data, dict):
        raise FieldsInvalid([("", "not_an_object", _("Le corps doit être un objet JSON."))])
    errors: list[tuple[str, str, Any]] = []
    unknown = set(data) - {"hours_kind", "holiday_policy", "hours", "special_days", "open_status", "osm", "version"}
    errors += [
        (f"/{rules.pointer(name)}", "unknown_member", _("Membre inconnu : %(name)s.") % {"name": name[:80]}) for name in sorted(unknown)
    ]
    rows = list(_rows(data.get("hours", []), "hours", INTERVALS_MAX, errors))
    hours = [row for row in (_hours_row(item, path, errors) for path, item in rows) if row is not None]
    days = _rows(data.get("special_days", []), "special_days", SPECIAL_DAYS_MAX, errors)
    special_days = [row for row in (_day_row(item, path, errors) for path, item in days) if row is not None]
    kind = data.get("hours_kind", HoursKind.WEEKLY if hours else HoursKind.UNKNOWN)
    policy = data.get("holiday_policy", HolidayPolicy.UNKNOWN)
    for name, value, values in (("hours_kind", kind, HoursKind.values), ("holiday_policy", policy, HolidayPolicy.values)):
        if value not in values:
            errors.append((f"/{name}", "unknown_value", rules.one_of(list(values))))
    week: dict[int, list[tuple[dt.time, dt.time]]] = {}
    for day, opens, closes, _closed in hours:
        if opens is not None and closes is not None:
            week.setdefault(day, []).append((opens, closes))
    closed = {day for day, _opens, _closes, is_closed in hours if is_closed}
    if has_overlap(week) or closed & set(week) or len([1 for row in hours if row[3]]) != len(closed):
        errors.append(("/hours", "overlap", _("Deux intervalles se chevauchent, ou un jour est à la fois ouvert et fermé.")))
    by_date: dict[dt.date, list[DayRow]] = {}
    for row in special_days:
        by_date.setdefault(row[0], []).append(row)
    for rows_of_day in by_date.values():
        spans = {0: [(row[1], row[2]) for row in rows_of_day if row[1] is not None and row[2] is not None]}
        if has_overlap(spans) or (len(rows_of_day) > 1 and any(row[3] for row in rows_of_day)):
            errors.append(("/special_days", "overlap", _("Deux intervalles d’un même jour particulier se chevauchent.")))
            break
    if errors:
        raise FieldsInvalid(errors)
    return HoursInput(str(kind), str(policy), hours if kind == HoursKind.WEEKLY else [], special_days)


def _rows(value: object, name: str, limit: int, errors: list[tuple[str, str, Any]]) -> list[tuple[str, object]]:
    if not isinstance(value, list) or len(value) > limit:
        errors.append((f"/{name}", "invalid", _("Une liste d’au plus %(limit)s lignes est attendue.") % {"limit": limit}))
        return []
    return [(f"/{name}/{index}", item) for index, item in enumerate(value)]


def _times(item: dict[str, Any]) -> tuple[dt.time | None, dt.time | None, bool]:
    is_closed = item.get("is_closed", False)
    if not isinstance(is_closed, bool):
        raise rules.Refused("invalid", _("« is_closed » est true ou false."))
    times = []
    for name in ("open_time", "close_time"):
        value = item.get(name)
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if value is not None and match is None:
            raise rules.Refused("time_invalid", _("Une heure s’écrit HH:MM, de 00:00 à 23:59."))
        times.append(dt.time(int(match[1]), int(match[2])) if match else None)
    if is_closed != (times[0] is None and times[1] is None) or (times[0] is None) != (times[1] is None):
        raise rules.Refused("times_required", _("Donnez les deux heures, ou « is_closed » seul."))
    return times[0], times[1], is_closed


def _hours_row(item: object, path: str, errors: list[tuple[str, str, Any]]) -> Row | None:
    try:
        if not isinstance(item, dict) or set(item) - {"id", "business_id", "day_of_week", "open_time", "close_time", "is_closed"}:
            raise rules.Refused("invalid", _("Une ligne a « day_of_week », « open_time », « close_time » et « is_closed »."))
        day = rules.integer(item.get("day_of_week"), 0, 6)
        if day is None:
            raise rules.Refused("required", _("« day_of_week » va de 0 (dimanche) à 6."))
        return (day, *_times(item))
    except rules.Refused as refusal:
        errors.append((path, refusal.code, refusal.detail))
        return None


def _day_row(item: object, path: str, errors: list[tuple[str, str, Any]]) -> DayRow | None:
    try:
        if not isinstance(item, dict) or set(item) - {"id", "business_id", "date", "open_time", "close_time", "is_closed", "note"}:
            raise rules.Refused("invalid", _("Une ligne a « date », « open_time », « close_time », « is_closed » et « note »."))
        try:
            date = dt.date.fromisoformat(rules.string(item.get("date"), 10))
        except ValueError as error:
            raise rules.Refused("date_invalid", _("Une date s’écrit AAAA-MM-JJ.")) from error
        return (date, *_times(item), rules.line(item.get("note"), 120))
    except rules.Refused as refusal:
        errors.append((path, refusal.code, refusal.detail))
        return None


@transaction.atomic
def set_hours(*, resource_id: uuid.UUID, data: HoursInput, at: dt.datetime, expected_versions: set[int] | None) -> Resource:
    """Make the hours of an entry exactly these.

    :raises PreconditionFailed: it has changed since the version that was read.
    """
    resource = lock_resource(resource_id, expected_versions=expected_versions)
    was_public = resource.is_public
    resource.hours.all().delete()
    resource.special_days.all().delete()
    OpeningInterval.objects.bulk_create(
        OpeningInterval(resource=resource, day_of_week=day, open_time=opens, close_time=closes, is_closed=is_closed)
        for day, opens, closes, is_closed in data.hours
    )
    SpecialDay.objects.bulk_create(
        SpecialDay(resource=resource, date=date, open_time=opens, close_time=closes, is_closed=is_closed, note=note)
        for date, opens, closes, is_closed, note in data.special_days
    )
    resource.hours_kind, resource.holiday_policy = data.hours_kind, data.holiday_policy
    lock_fields(resource, ["hours"], by="owner", at=at)
    save_change(resource, ["hours_kind", "holiday_policy"], at=at, was_public=was_public)
    return resource
