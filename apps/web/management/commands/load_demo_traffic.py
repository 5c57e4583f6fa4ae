"""`manage.py load_demo_traffic`."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services.demo_usage import load_demo_usage
from apps.analytics.services.demo import DAYS, Visited, load_demo_events
from apps.analytics.services.demo_latency import load_demo_latency
from apps.catalog.management.demo import require_demo_allowed
from apps.catalog.models import City, Resource
from apps.core.clock import now
from apps.search.services.demo import load_demo_queries

# Views of an ordinary day of the first, second and third listing.
VIEWS = (64, 26, 11)
DEVELOPER = "developer@"
TOWNS = ("yaounde", "douala", "bafoussam", "edea", "kribi", "limbe", "buea")


class Command(BaseCommand):
    """Parses, calls the services, prints the count."""

    help = (
        "Visits and searches of the demonstration owner's listings, over two months, and a month of the demonstration developer's calls. "
        "Safe to run again: adds what is missing. Refuses production settings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--i-know", action="store_true", help="load it with production settings all the same")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        require_demo_allowed(i_know=options["i_know"])
        at = now()
        found = Resource.objects.published().filter(user__is_demo=True, is_demo=True).select_related("city", "category", "quarter")
        listings = list(found.order_by("source_id")[: len(VIEWS)])
        towns = dict(City.objects.filter(slug__in=TOWNS).values_list("slug", "number"))
        visited = [
            Visited(listing.number, views, listing.city.number if listing.city else None)
            for listing, views in zip(listings, VIEWS, strict=False)
        ]
        events = load_demo_events(visited, other_cities=[towns[name] for name in TOWNS if name in towns], at=at)
        if events:
            today = timezone.localdate(at)
            load_demo_queries(listings, days=[today - dt.timedelta(days=back) for back in range(DAYS)])
        calls = 0
        for developer in User.objects.filter(is_demo=True, email__startswith=DEVELOPER):
            made = load_demo_usage(user=developer, at=at)
            load_demo_latency(made, user=developer)
            calls += sum(one.calls for one in made)
        self.stdout.write(f"demo_events={events} demo_calls={calls}")
