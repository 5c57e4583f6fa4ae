"""`manage.py export_labels`."""

from __future__ import annotations

import csv
from typing import Any

from django.core.management.base import BaseCommand

from apps.ingestion.evaluation import HEADER
from apps.ingestion.selectors.labelled import decided_pairs


class Command(BaseCommand):
    """Prints what staff decided as labelled pairs."""

    help = (
        "Print what staff decided about pairs as CSV with the header a,b,label, ids as source:source_id: what score_pairs measures and "
        "learn_matching learns from. Pairs with an entry that no record speaks of are left out."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run."""
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(HEADER)
        count = 0
        for a, b, is_same in decided_pairs():
            writer.writerow([a, b, "same" if is_same else "different"])
            count += 1
        self.stderr.write(f"pairs={count}")
