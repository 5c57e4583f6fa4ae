"""`manage.py rebuild_search`."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from apps.catalog.models import Resource
from apps.search import services


class Command(BaseCommand):
    """Parses, calls the service, prints the count."""

    help = "Write the searchable words of every entry anew. Safe while the site runs: each batch commits."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run."""
        started = time.monotonic()
        with tqdm(total=Resource.objects.count(), unit="entry", unit_scale=True, disable=None, leave=False) as bar:
            written = services.rebuild(progress=bar.update)
        self.stdout.write(f"search_rows={written} seconds={time.monotonic() - started:.1f}")
