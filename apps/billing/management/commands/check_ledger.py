"""`manage.py check_ledger`."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from apps.billing.selectors.ledger_proofs import prove_ledger


class Command(BaseCommand):
    """One line a proof, the names of what differs on the error output; exit code 1 when anything does."""

    help = "Prove the ledger against payments, invoices, credit notes and refunds. Reads only; may run at any time, beside anything."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run."""
        started = time.monotonic()
        differences = 0
        for proof in prove_ledger():
            differences += len(proof.differences)
            outcome = "differs" if proof.differences else "proved"
            self.stdout.write(f"{outcome}: {proof.name.value}{f' ({proof.detail})' if proof.detail else ''}")
            for name in proof.differences:
                self.stderr.write(f"  {name}")
        self.stdout.write(f"differences={differences} seconds={time.monotonic() - started:.1f}")
        if differences:
            sys.exit(1)
