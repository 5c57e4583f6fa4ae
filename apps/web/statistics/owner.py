"""The owner's page: which listings, and everything that it tells of them, composed from several applications."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.analytics.choices import Verdict
from apps.analytics.figures import Dashboard, Period
from apps.analytics.selectors.dashboard import dashboard
from apps.analytics.selectors.health import waiting_since
from apps.analytics.selectors.per_listing import listing_sums
from apps.billing.models import Subscription
from apps.billing.selectors.overview import OwnListing, own_listings
from apps.billing.selectors.subscriptions import live_subscription
from apps.catalog import selectors as catalog
from apps.catalog.choices import ResourceType
from apps.catalog.models import City, Resource
from apps.core.numbers import group_thousands
from apps.core.templatetags.eco import date_short, decimal, hour
from apps.search.selectors.listing_queries import Unanswered, listing_queries, unanswered
from apps.web.plan_words import SUBSCRIPTION_TONES, price_words, subscription_when
from apps.web.statistics import measures as figures
from apps.web.statistics.periods import DEFAULT, Choice, period_of, period_words

QUERIES_SHOWN, CITIES_SHOWN, STEPS_SHOWN, UNANSWERED_SHOWN, LISTINGS_SHOWN = 8, 6, 4, 4, 10
# Counters follow events within a minute: what waits for so long is worth saying.
LATE_AFTER = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Chosen:
    """The listings that the page is about. `one` is the single one; `is_own` is false for staff who look at somebody's."""

    listings: Sequence[OwnListing]
    one: OwnListing | None
    others: Sequence[OwnListing]
    has_more: bool
    is_own: bool = True

    @property
    def resources(self) -> list[Resource]:
        """The listings themselves."""
        return [listing.resource for listing in self.listings]


@dataclass(frozen=True)
class Plan:
    """What is paid for a listing, in words."""

    name: str
    state: str
    tone: str
    price: str
    when: str
    change_url: str


@dataclass(frozen=True)
class Statistics:
    """Everything that templates/web/account/statistics.html shows."""

    words: str
    tiles: Sequence[figures.Tile]
    chart: figures.Chart
    is_quiet: bool
    visitors: int | None
    queries: Sequence[figures.Bar]
    completeness: catalog.Completeness | None
    heat: figures.Heat | None
    contacts: Sequence[figures.Bar]
    sources: Sequence[figures.Bar]
    campaigns: Sequence[figures.Bar]
    cities: Sequence[figures.Bar]
    funnel: Sequence[figures.Bar]
    position: str
    set_aside: str
    until: str
    late_since: str
    plan: Plan | None
    unanswered: Sequence[str] = field(default_factory=list)
    listings: Sequence[figures.Bar] = field(default_factory=list)


def choose(user: User, slug: str) -> Chosen | None:
    """The listings of somebody, one of them, or for staff anybody's one; None when there is no such listing to look at."""
    rows, has_more = own_listings(user.pk)
    if not slug:
        return Chosen(rows, rows[0] if len(rows) == 1 else None, rows, has_more)
    found = next((row for row in rows if row.resource.slug == slug), None)
    if found is not None:
        return Chosen([found], found, rows, has_more)
    # Beyond the first hundred, and for staff: asked for by name.
    known = Resource.objects.kept().filter(slug=slug) if user.is_staff else Resource.objects.kept().filter(slug=slug, user=user)
    resource = known.first()
    if resource is None:
        return None
    one = OwnListing(resource, live_subscription(user_id=None, resource_id=resource.pk, livemode=resource.livemode))
    return Chosen([one], one, rows, has_more, is_own=resource.user_id == user.pk)


def measures_of(chosen: Chosen) -> Sequence[figures.Measure]:
    """What these listings are measured by: data sets and APIs are not called."""
    kinds = {resource.resource_type for resource in chosen.resources}
    known = figures.DATA_MEASURES if kinds and kinds <= {ResourceType.DATA, ResourceType.API} else figures.PLACE_MEASURES
    return known if chosen.one else [figures.VIEWS_OF_SEVERAL, *known[1:]]


def address_of(slug: str, choice: Choice, measure: str) -> str:
    """The page for a listing ("" for all), a period and a measure; the first of each is left out."""
    usual = {"periode": DEFAULT.value, "mesure": figures.VIEWS.key}
    asked = {"fiche": slug, "periode": choice.value, "mesure": measure}
    query = urlencode({name: value for name, value in asked.items() if value and value != usual.get(name)})
    return reverse("web:statistics") + (f"?{query}" if query else "")


def statistics(
    chosen: Chosen, *, choice: Choice, measure: figures.Measure, language: str, at: dt.datetime, address: Callable[[str], str]
) -> Statistics:
    """The figures. A constant number of statements, whatever the listings have."""
    today = timezone.localdate(at)
    period = period_of(choice, today)
    numbers = [resource.number for resource in chosen.resources]
    found = dashboard(numbers, period=period, at=at)
    towns = catalog.city_names((number for number, _count in found.cities), language)
    since = waiting_since(at=at)
    queries = listing_queries(numbers, first=period.first, last=period.last, limit=QUERIES_SHOWN)
    return Statistics(
        words=period_words(period),
        tiles=figures.tiles(found, measures_of(chosen), measure, address, today=today),
        chart=figures.measure_chart(found, measure, today=today),
        is_quiet=not any(found.totals.by_type.values()),
        visitors=figures.daily_visitors(found.series),
        queries=figures.bars(
            [(query.text, query.shown) for query in queries],
            notes=[_("rang %(place)s") % {"place": decimal(query.place)} for query in queries],
        ),
        completeness=catalog.completeness(chosen.one.resource) if chosen.one else None,
        heat=figures.heat(found),
        contacts=figures.bars(
            sorted(((channel.label, count) for channel, count in found.totals.contacts.items() if count), key=lambda row: -row[1])
        ),
        sources=figures.bars([(source.label, count) for source, count in found.sources if count]),
        campaigns=figures.bars(list(found.campaigns)),
        cities=figures.bars([(towns[number], count) for number, count in found.cities if number in towns][:CITIES_SHOWN]),
        funnel=figures.funnel(found, figures.VIEWS if chosen.one else figures.VIEWS_OF_SEVERAL),
        position=decimal(found.position),
        set_aside=set_aside_words(found),
        until=until_words(found.counted_until, at),
        late_since=until_words(since, at) if since and at - since > LATE_AFTER else "",
        plan=_plan(chosen.one) if chosen.one else None,
        unanswered=_unanswered(chosen, period, language),
        listings=[] if chosen.one else _by_listing(chosen, period, choice, measure.key, language),
    )


def _by_listing(chosen: Chosen, period: Period, choice: Choice, measure: str, language: str) -> list[figures.Bar]:
    """Each listing with its views, what came of them and how complete it is; the most seen first."""
    sums = listing_sums([resource.number for resource in chosen.resources], period=period)
    ranked = sorted(chosen.resources, key=lambda resource: -sums.get(resource.number, (0, 0))[0])[:LISTINGS_SHOWN]
    complete = catalog.completeness_of(ranked)
    made = []
    for resource in ranked:
        contacts = sums.get(resource.number, (0, 0))[1]
        told = ngettext("%(n)s contact, complète à %(percent)s %%", "%(n)s contacts, complète à %(percent)s %%", contacts)
        made.append(told % {"n": group_thousands(contacts), "percent": complete[resource.pk].percent})
    rows = [(resource.name_in(language), sums.get(resource.number, (0, 0))[0]) for resource in ranked]
    addresses = [address_of(resource.slug, choice, measure) for resource in ranked]
    return [replace(bar, url=url) for bar, url in zip(figures.bars(rows, notes=made), addresses, strict=True)]


def set_aside_words(found: Dashboard) -> str:
    """`312 visites de robots et 14 répétitions écartées`; "" when nothing was."""
    aside = {name: found.set_aside.get(name, 0) for name in (Verdict.BOT.name, Verdict.REPEAT.name, Verdict.FLOOD.name)}
    told = (
        (Verdict.BOT.name, ngettext("%(n)s événement de robots", "%(n)s événements de robots", aside[Verdict.BOT.name])),
        (Verdict.REPEAT.name, ngettext("%(n)s répétition", "%(n)s répétitions", aside[Verdict.REPEAT.name])),
        (Verdict.FLOOD.name, ngettext("%(n)s d’un afflux anormal", "%(n)s d’un afflux anormal", aside[Verdict.FLOOD.name])),
    )
    return ", ".join(words % {"n": group_thousands(aside[name])} for name, words in told if aside[name])


def until_words(until: dt.datetime | None, at: dt.datetime) -> str:
    """`14 h 05` of today, else the day with it; "" when nothing was ever counted."""
    if until is None:
        return ""
    local = timezone.localtime(until)
    return hour(local) if local.date() == timezone.localdate(at) else f"{date_short(local)}, {hour(local)}"


def _plan(listing: OwnListing) -> Plan:
    resource, subscription = listing.resource, listing.subscription
    query = urlencode({"produit": "listing_featured", "fiche": str(resource.pk)})
    url = f"{reverse('web:billing_choose')}?{query}"
    if subscription is None:
        return Plan(str(resource.get_plan_display()), "", "", "", _("Gratuit, sans échéance."), url)
    return _subscribed(subscription, url)


def _subscribed(one: Subscription, url: str) -> Plan:
    tone = next(tone for state, tone in SUBSCRIPTION_TONES.items() if state == one.state)
    return Plan(one.get_product_display(), one.get_state_display(), tone, price_words(one.price), subscription_when(one), url)


def _unanswered(chosen: Chosen, period: Period, language: str) -> list[str]:
    """What the towns of these listings looked for in vain, in sentences."""
    ids: set[uuid.UUID] = {resource.city_id for resource in chosen.resources if resource.city_id}
    if not ids:
        return []
    cities = list(City.objects.filter(pk__in=ids).values_list("slug", flat=True))
    rows = unanswered(first=period.first, last=period.last, cities=cities, limit=UNANSWERED_SHOWN)
    return [unanswered_words(row, language) for row in rows]


def unanswered_words(row: Unanswered, language: str) -> str:
    """`132 recherches pour « réparation frigo » à Makepe, Douala n’ont rien trouvé.`"""
    place = catalog.place_name(city=row.city, quarter=row.quarter, language=language) or row.city
    told = ngettext(
        "%(n)s recherche pour « %(words)s » à %(place)s n’a rien trouvé.",
        "%(n)s recherches pour « %(words)s » à %(place)s n’ont rien trouvé.",
        row.searches,
    )
    return told % {"n": group_thousands(row.searches), "words": row.text, "place": place}
