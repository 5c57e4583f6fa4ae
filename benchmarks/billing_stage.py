"""What the benchmark of billing does in processes of its own, on its database. Each function prints one line of JSON."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Count, Q  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from apps.accounts.choices import Scope  # noqa: E402
from apps.accounts.models import User  # noqa: E402
from apps.accounts.services.keys import KeyInput, create_key  # noqa: E402
from apps.billing.choices import InvoiceState, Operator, PaymentState, Period, Product, ProviderCode  # noqa: E402
from apps.billing.models import Grant, Invoice, LedgerEntry, Payment  # noqa: E402
from apps.billing.selectors.ledger_proofs import prove_ledger  # noqa: E402
from apps.billing.services import payments, prices, subscriptions  # noqa: E402
from apps.billing.services.payments import settle  # noqa: E402
from apps.billing.services.payments.transitions import Trigger, move, with_fresh  # noqa: E402
from apps.billing.services.statements import import_statement  # noqa: E402
from apps.catalog.models import Resource  # noqa: E402
from apps.core.clock import now  # noqa: E402
from benchmarks import runner  # noqa: E402
from benchmarks.bulk import fill  # noqa: E402

OUTBOX = ("core_outbox", "core_outbox_delivery")
# What starting and settling one payment writes. A row that is changed counts as one that is written.
STARTED = (("payments", "true"), ("payment_events", "true"), ("core_idempotent_request", "true"), *((table, "true") for table in OUTBOX))
SETTLED = (
    ("payments", "state = 'succeeded'"), ("payment_events", "cause = 'success'"), ("invoices", "state = 'paid'"),
    ("ledger_transactions", "true"), ("ledger_entries", "true"), ("billing_grants", "true"), ("subscriptions", "state = 'active'"),
    ("accounts_accountentitlement", "true"), ("listing_entitlements", "true"), *((table, "true") for table in OUTBOX),
)  # fmt: skip


def _say(**found: Any) -> None:
    print(json.dumps(found))  # noqa: T201  the parent process reads it


class Meter:
    """CPU of this process and of its PostgreSQL backend, and the clock."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self._both = [os.getpid(), connection.connection.info.backend_pid]
        self._cpu, self._clock = runner.cpu_ns(self._both), time.monotonic()

    def spent(self) -> tuple[float, float]:
        """Microseconds of CPU, and seconds, since it was made."""
        return runner.spent_ns(self._cpu, runner.cpu_ns(self._both)) / 1000, time.monotonic() - self._clock


def phone(number: int) -> str:
    """A payer of his own at MTN, who pays when he is asked."""
    return f"+2376{70_000_000 + number % 9_000_000:08d}"


def prepare(count: int, in_process: int) -> None:
    """Customers who want something: `count` pay over HTTP, with a key of their own each, `in_process` more are settled here."""
    fill(-(-(count + in_process) // 2))
    prices.load_defaults(at=now())
    listings = list(Resource.objects.order_by("pk").values_list("pk", flat=True))
    users = [User.objects.create_user(f"client{number}@exemple.cm", name=f"Client {number}") for number in range(count + in_process)]
    for number, listing in enumerate(listings):
        if 2 * number < len(users):
            Resource.objects.filter(pk=listing).update(user=users[2 * number])
    wishes: list[tuple[User, Product, uuid.UUID | None]] = [
        (user, Product.LISTING_PREMIUM, listings[number // 2]) if number % 2 == 0 else (user, Product.ACCOUNT_PRO, None)
        for number, user in enumerate(users)
    ]
    meter = Meter()
    invoices = []
    for user, product, resource_id in wishes:
        wanted = subscriptions.subscribe(user=user, product=product, period=Period.MONTH, resource_id=resource_id, at=now())
        invoices.append(str(wanted.invoice.pk if wanted.invoice else ""))
    cpu_us, seconds = meter.spent()
    scopes = [Scope.PAYMENTS_WRITE, Scope.PAYMENTS_READ]
    keys = [create_key(user=user, data=KeyInput(name="banc", scopes=scopes), at=now())[1] for user in users[:count]]
    _forget(OUTBOX)
    _say(
        calls=[[key, invoice] for key, invoice in zip(keys, invoices[:count], strict=True)], rest=invoices[count:],
        subscribe_us=cpu_us / len(users), subscribe_s=seconds / len(users),
    )  # fmt: skip


def _forget(tables: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def floor(named: str, count: int) -> None:
    """The same rows by bare SQL, one INSERT each, one transaction a payment, into tables with the same indexes: the least it can cost."""
    sets = []
    with connection.cursor() as cursor:
        for table, which in {"started": STARTED, "settled": SETTLED}[named]:
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                [table],
            )
            columns = cursor.fetchall()
            texts = ", ".join(f'"{name}"::text' for name, _type in columns)
            names = ", ".join(f'"{name}"' for name, _type in columns)
            cursor.execute(f"SELECT {texts} FROM {table} WHERE {which}")  # noqa: S608  our own names
            rows = cursor.fetchall()
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
            values = ", ".join(f"%s::{kind}" for _name, kind in columns)
            sets.append((f"INSERT INTO bench_{table} ({names}) VALUES ({values})", rows, len(rows) / count))  # noqa: S608
        meter = Meter()
        for number in range(count):
            with transaction.atomic():
                for statement, rows, share in sets:
                    for row in rows[int(number * share) : int((number + 1) * share)]:
                        cursor.execute(statement, row)
        cpu_us, seconds = meter.spent()
        for table, _which in {"started": STARTED, "settled": SETTLED}[named]:
            cursor.execute(f"DROP TABLE bench_{table}")
    _say(us=cpu_us / count, seconds=seconds, rows=round(sum(share for _statement, _rows, share in sets), 1))


def work(until_s: float) -> None:
    """A worker: whatever is due, until nothing is open any more."""
    meter, deadline, steps = Meter(), time.monotonic() + until_s, 0
    open_ones = Payment.objects.filter(state__in=(PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN))
    while time.monotonic() < deadline:
        done = payments.reconcile(at=now(), limit=200, budget_s=5.0).done
        steps += done
        if not done:
            if not open_ones.exists():
                break
            time.sleep(0.01)  # the ladder's first step comes within a tenth of a second
    cpu_us, seconds = meter.spent()
    _say(cpu_us=cpu_us, seconds=seconds, steps=steps)


def settle_rest(invoices: Sequence[str]) -> None:
    """Successes alone, without any operator: number, postings, rights and news of each."""
    _forget(OUTBOX)
    waiting: list[uuid.UUID] = []
    for number, invoice_id in enumerate(invoices):
        invoice = Invoice.objects.select_related("user").get(pk=invoice_id)
        with CaptureQueriesContext(connection) as start:
            payment = payments.start(
                invoice_id=invoice.pk, user=invoice.user, operator=Operator.MTN, phone=phone(5_000_000 + number), livemode=True, at=now()
            )
        with_fresh(payment.pk, lambda fresh: move(fresh, Trigger.SUBMIT_ACCEPTED, at=now(), submitted_at=now(), next_query_at=None))
        waiting.append(payment.pk)
    _forget(OUTBOX)
    with CaptureQueriesContext(connection) as first:
        _succeed(waiting[0])
    meter = Meter()
    for payment_id in waiting[1:]:
        _succeed(payment_id)
    cpu_us, seconds = meter.spent()
    count = len(waiting) - 1
    _say(us=cpu_us / count, seconds=seconds / count, start_statements=len(start), settle_statements=len(first))


def _succeed(payment_id: uuid.UUID) -> None:
    with_fresh(payment_id, lambda fresh: settle.succeed(fresh, transaction_id=f"B{fresh.pk.hex[-20:]}", at=now()))


def prove() -> None:
    """What must hold, whatever the speed was."""
    differences = [f"{proof.name}: {name}" for proof in prove_ledger() for name in proof.differences]
    twice = Grant.objects.values("invoice").annotate(times=Count("pk")).filter(times__gt=1).count()
    paid = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    _say(
        differences=differences, succeeded=paid.count(), other=Payment.objects.exclude(state=PaymentState.SUCCEEDED).count(),
        invoices=Invoice.objects.filter(state=InvoiceState.PAID).count(), grants=Grant.objects.count(), granted_twice=twice,
        references=[str(one) for one in paid.filter(~Q(submit_count=0)).values_list("reference", flat=True)],
    )  # fmt: skip


def statement(rows: int) -> None:
    """A statement of so many rows, each a payment of ours with its fee; beside it COPY of the same lines."""
    wanted = rows - Payment.objects.filter(state=PaymentState.SUCCEEDED).count()
    template = Payment.objects.filter(state=PaymentState.SUCCEEDED).first()
    if template is None:
        raise RuntimeError("no payment succeeded")
    # Copies of one payment: the books know nothing of them, and are not asked any more.
    Payment.objects.bulk_create(
        (
            Payment(**{
                **{name.attname: getattr(template, name.attname) for name in Payment._meta.concrete_fields if name.attname != "id"},  # noqa: SLF001  Django's way to name fields
                "reference": uuid.uuid4(), "order_id": f"C{number:017d}", "callback_token": f"copy-{number:040d}",
                "transaction_id": f"C{number:012d}", "msisdn": phone(number),
            })
            for number in range(wanted)
        ),
        batch_size=2_000,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "releve.csv"
        _write_statement(path, rows)
        meter, before = Meter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with path.open("rb") as file:
            done = import_statement(file=file, name=path.name, provider=ProviderCode.MTN, actor=None, at=now())
        cpu_us, seconds = meter.spent()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        again = Meter()
        with path.open("rb") as file:
            repeated = import_statement(file=file, name=path.name, provider=ProviderCode.MTN, actor=None, at=now())
        again_s = again.spent()[1]
    copied = _copied("statement_lines", rows)
    _say(
        us=cpu_us / rows, seconds=seconds, again_s=again_s, is_new_again=repeated.is_new, copy_us=copied, peak_mb=round(peak / 1024),
        before_mb=round(before / 1024), counts=done.counts(), sum=sum(LedgerEntry.objects.values_list("amount", flat=True)),
    )  # fmt: skip


def _write_statement(path: Path, rows: int) -> None:
    paid = Payment.objects.filter(state=PaymentState.SUCCEEDED).order_by("pk")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Financial Transaction Id", "External Id", "Date", "Type", "From", "Amount", "Fee", "Status"))
        for one in paid[:rows].iterator(chunk_size=2_000):
            at = (one.finished_at or one.created_at) + dt.timedelta(seconds=1)
            writer.writerow(
                (one.transaction_id, one.reference, f"{at:%Y-%m-%d %H:%M:%S}", "Payment", one.msisdn[1:], one.amount, 25, "Successful")
            )


def _copied(table: str, count: int) -> float:
    """Microseconds of CPU a row for COPY of the same rows into a table with the same indexes."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
            data = [bytes(part) for part in copy]
        cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        meter = Meter()
        with cursor.copy(f"COPY bench_{table} FROM STDIN (FORMAT BINARY)") as copy:
            for part in data:
                copy.write(part)
        spent = meter.spent()[0]
        cursor.execute(f"DROP TABLE bench_{table}")
    return spent / count
