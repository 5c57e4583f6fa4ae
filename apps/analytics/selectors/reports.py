"""Reports of somebody, and what they may count."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.callers import Caller
from apps.accounts.models import User
from apps.analytics.models import Report
from apps.analytics.report_rules import Filters
from apps.analytics.selectors.listings import LISTINGS_MAX
from apps.analytics.selectors.report_rows import Named
from apps.catalog.models import City, Resource
from apps.core.exceptions import NotFound


def own_reports(user: User, *, livemode: bool | None) -> QuerySet[Report]:
    """Somebody's reports, newest first; `livemode` None: of both modes."""
    found = Report.objects.filter(user=user).order_by("-pk")
    return found if livemode is None else found.filter(livemode=livemode)


def own_report(user: User, *, livemode: bool | None, report_id: uuid.UUID, locked: bool = False) -> Report:
    """One of them. :raises NotFound: there is none, or not for this person."""
    found = own_reports(user, livemode=livemode)
    report = (found.select_for_update() if locked else found).filter(pk=report_id).first()
    if report is None:
        raise NotFound
    return report


def mode_of(caller: Caller) -> bool | None:
    """Whose rows a caller sees: in person those of both modes, through a key or token its own."""
    return None if caller.is_in_person else caller.livemode


def report_page(user: User, *, livemode: bool | None, after: uuid.UUID | None, limit: int) -> tuple[list[Report], uuid.UUID | None]:
    """A page, newest first, and the last one shown when there are more. One statement."""
    found = own_reports(user, livemode=livemode)
    rows = list((found.filter(pk__lt=after) if after else found)[: limit + 1])
    return rows[:limit], rows[limit - 1].pk if len(rows) > limit else None


def listings_of(user_id: uuid.UUID, *, livemode: bool, only: Sequence[uuid.UUID] = ()) -> list[Named]:
    """Somebody's listings at this moment, all or those of a filter, at most `LISTINGS_MAX`, the oldest first."""
    found = Resource.objects.kept().filter(user_id=user_id, livemode=livemode)
    if only:
        found = found.filter(pk__in=only)
    return [Named(*row) for row in found.order_by("number").values_list("number", "pk", "name")[:LISTINGS_MAX]]


def unknown_filters(user: User, *, livemode: bool, filters: Filters) -> list[tuple[str, str, str]]:
    """Filters that name listings that are not the user's, or towns that do not exist: (member, code, sentence) each."""
    found: list[tuple[str, str, str]] = []
    if filters.resources:
        own = {listing.id for listing in listings_of(user.pk, livemode=livemode, only=filters.resources)}
        if set(filters.resources) - own:
            found.append(("filters/resources", "unknown", _("Une de ces fiches n’existe pas, ou n’est pas à vous.")))
    if filters.cities and City.objects.filter(slug__in=filters.cities).count() < len(set(filters.cities)):
        found.append(("filters/cities", "unknown", _("Une de ces villes n’existe pas.")))
    return found
