"""Payments started over HTTP, reconciled by two workers against the fake operator, and settled alone; a statement; the proof at the end.

`SCALE` is the rows of the statement; of payments there are a fiftieth, 200 at least and 5,000 at most. Waiting times of workers are divided
by 100, as in the tests: what is measured is our work, not the payers' patience.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from apps.billing.fake_operator import client as fake_operator
from apps.billing.fake_operator.client import FakeOperator
from benchmarks import runner
from benchmarks.database import bench_database, figures_of, postgres_process
from benchmarks.runner import ROOT, Contender, Goal, Outcome
from ecosysteme import embedded

STAGE = "from benchmarks.billing_stage import {call}"
SETTINGS = "benchmarks.billing_settings"
WORKERS, CLIENTS = 2, 4
BOUND_S = 900.0
# What operators let us ask, five queries a second for each of four: two workers must not be what is slow.
PACE_A_SECOND = 20
# The plan names no goals here. These are a quiet run with a tenth to a fifth on top, so that whatever becomes dearer shows.
START_GOAL, SETTLE_GOAL, STATEMENT_GOAL = 30.0, 20.0, 40.0


def run(scale: int) -> bool:
    """Prepare, start, reconcile, settle, prove, import; report."""
    count = max(200, min(5_000, scale // 50))
    with bench_database("ecosysteme_bench_billing", is_fresh=True) as base, fake_operator.running("--delay", "0") as operator:
        operator.options(queries_per_s=0)
        environment = {**base, **operator.environment(), "DJANGO_SETTINGS_MODULE": SETTINGS}
        ready = _stage(f"prepare({count}, {count})", environment)
        started = _started(ready["calls"], environment)
        floor = _stage(f"floor('started', {count})", environment)
        settled = _settled(ready["rest"], environment)
        started.cpu_us["the same rows by bare SQL"] = round(floor["us"], 1)
        started.cpu_us["subscribing, in process"] = round(ready["subscribe_us"], 1)
        started.figures |= {
            "rows a start": floor["rows"], "statements a start, with its event": settled.figures.pop("statements a start"),
            "subscriptions a second, one process": round(1 / ready["subscribe_s"]),
        }  # fmt: skip
        started.goals = [
            runner.judge(Goal("POST /payments/mobile-money", "the same rows by bare SQL", START_GOAL), started.cpu_us),
        ]
        reconciled = _reconciled(count, environment)
        proved = _proved(_stage("prove()", environment), operator, expected=2 * count)
        statement = _statement(_stage(f"statement({max(scale, 2 * count)})", environment), max(scale, 2 * count))
    return runner.report("billing", scale, [started, reconciled, settled, proved, statement])


def _stage(call: str, environment: Mapping[str, str]) -> Any:
    return figures_of(f"{STAGE.format(call=call.partition('(')[0])}; {call}", dict(environment))


def _started(calls: Sequence[tuple[str, str]], environment: dict[str, str]) -> Outcome:
    """Half of them one after another, in rounds with the constant view, for their CPU; half by four callers at once, for the clock."""
    redis = next((embedded.ROOT / "var" / "dev").glob("redis/redis.pid"))
    with (
        runner.web_server(SETTINGS, "ecosysteme.wsgi:application", environment) as (ours, our_process),
        runner.web_server("benchmarks.peers.settings", "benchmarks.peers.wsgi:application", environment) as (peers, peer_process),
    ):
        servers = (our_process, peer_process, postgres_process(), psutil.Process(int(redis.read_text())))
        _pay(ours, calls[:10])
        half = calls[10 : len(calls) // 2]
        view = Contender("constant 2 kB view", peers, ["/small-constant"])
        rounds_us: dict[str, list[float]] = {"POST /payments/mobile-money": [], view.name: []}
        size = max(len(half) // 8, 1)
        for part in (half[start : start + size] for start in range(0, len(half), size)):
            for name, found_us in rounds_us.items():
                before = runner.cpu_ns(runner.family(*servers))
                if name == view.name:
                    _look(view, len(part))
                else:
                    _pay(ours, part)
                found_us.append(runner.spent_ns(before, runner.cpu_ns(runner.family(*servers))) / len(part) / 1000)
        rest = calls[len(calls) // 2 :]
        began = time.monotonic()
        _in_threads(lambda part: _pay(ours, part), [rest[number::CLIENTS] for number in range(CLIENTS)])
        seconds = time.monotonic() - began
    outcome = Outcome("payments started", {name: round(sorted(values)[len(values) // 2], 1) for name, values in rounds_us.items()})
    outcome.rounds_us = rounds_us
    outcome.figures = {"payments": len(calls), f"started a second by {CLIENTS} callers, one web worker": round(len(rest) / seconds)}
    return outcome


def _pay(port: int, calls: Sequence[tuple[str, str]]) -> None:
    """Start a payment of each invoice by its customer's key. :raises RuntimeError: anything but 202."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for key, invoice in calls:
        number = uuid.UUID(invoice).int % 9_000_000
        body = json.dumps({"invoice_id": invoice, "phone": f"+2376{70_000_000 + number:08d}"})
        headers = {"Content-Type": "application/json", "X-API-Key": key, "Idempotency-Key": invoice}
        connection.request("POST", "/api/v1/payments/mobile-money", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"a start answered {answer.status}: {said[:300]!r}")
    connection.close()


def _look(contender: Contender, times: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=60)
    for _ in range(times):
        runner.ask(connection, contender.paths[0], contender.headers)
    connection.close()


def _in_threads(work: Any, parts: Sequence[Any]) -> None:
    errors: list[BaseException] = []

    def guarded(part: Any) -> None:
        try:
            work(part)
        except BaseException as error:  # noqa: BLE001  told to whoever waits for the threads
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _together(calls: Sequence[str], environment: Mapping[str, str]) -> list[Any]:
    """The stage in several processes at once; what each says."""
    statements = [f"{STAGE.format(call=call.partition('(')[0])}; {call}" for call in calls]
    running = [
        subprocess.Popen([sys.executable, "-c", one], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own module
        for one in statements
    ]
    said = [one.communicate(timeout=BOUND_S)[0] for one in running]
    if any(one.returncode for one in running):
        raise RuntimeError("a worker failed; its error is above")
    return [json.loads(text.strip().splitlines()[-1]) for text in said]


def _reconciled(count: int, environment: dict[str, str]) -> Outcome:
    """Submit, query, success: all the way, by workers that share what is due."""
    scaled = {**environment, "PAYMENT_TIME_SCALE": "100"}
    found = _together([f"work({BOUND_S / 2})"] * WORKERS, scaled)
    seconds = max(one["seconds"] for one in found)
    outcome = Outcome("payments reconciled, from the submit to the grant")
    outcome.cpu_us = {"a payment, our workers and their PostgreSQL": round(sum(one["cpu_us"] for one in found) / count, 1)}
    rate = count / seconds
    outcome.figures = {
        f"payments a second, {WORKERS} workers": round(rate, 1),
        f"steps a second, {WORKERS} workers": round(sum(one["steps"] for one in found) / seconds, 1),
    }
    paces = {"the operators' pace": PACE_A_SECOND, "our workers": rate}
    outcome.goals = [runner.judge(Goal("the operators' pace", "our workers", 1.0), paces)]
    return outcome


def _settled(invoices: Sequence[str], environment: dict[str, str]) -> Outcome:
    """One process, then what the same rows cost without us."""
    found = _stage(f"settle_rest({list(invoices)!r})", environment)
    floor = _stage(f"floor('settled', {len(invoices)})", environment)
    outcome = Outcome("settlements: number, postings, rights, news")
    outcome.cpu_us = {"a settlement": round(found["us"], 1), "the same rows by bare SQL": round(floor["us"], 1)}
    outcome.figures = {
        "settlements a second, one process": round(1 / found["seconds"], 1), "rows a settlement": floor["rows"],
        "statements a settlement, with its events": found["settle_statements"], "statements a start": found["start_statements"],
    }  # fmt: skip
    outcome.goals = [runner.judge(Goal("a settlement", "the same rows by bare SQL", SETTLE_GOAL), outcome.cpu_us)]
    return outcome


def _proved(found: Mapping[str, Any], operator: FakeOperator, *, expected: int) -> Outcome:
    """:raises RuntimeError: a franc is wrong somewhere, and no figure counts."""
    truth = operator.payments()
    debited = {row["reference"] for row in truth if row["debits"]}
    wrong = [
        *found["differences"],
        *(f"debited {row['debits']} times: {row['reference']}" for row in truth if row["debits"] > 1),
        *(f"ours alone: {one}" for one in set(found["references"]) - debited),
        *(f"theirs alone: {one}" for one in debited - set(found["references"])),
    ]
    if found["granted_twice"] or found["other"] or {found["succeeded"], found["invoices"], found["grants"]} != {expected}:
        wrong.append(f"counted {found['succeeded']}, {found['other']} others, {found['invoices']} invoices, {found['grants']} grants")
    if wrong:
        raise RuntimeError(f"{len(wrong)} differences: {wrong[:5]}")
    outcome = Outcome("what holds in the end")
    outcome.figures = {
        "check_ledger differences": 0, "payments, invoices, grants": expected, "debits at the operator": len(debited), "debited twice": 0,
    }  # fmt: skip
    return outcome


def _statement(found: Mapping[str, Any], rows: int) -> Outcome:
    counts = found["counts"]
    if (counts["matched"], counts["cases"], found["sum"], found["is_new_again"]) != (rows, 0, 0, False):
        raise RuntimeError(f"the statement was not taken as it is: {found}")
    outcome = Outcome("a statement, each row one of our payments")
    outcome.cpu_us = {"a row": round(found["us"], 1), "COPY into the same table": round(found["copy_us"], 1)}
    outcome.figures = {
        "rows": rows, "seconds": round(found["seconds"], 1), "rows a second": round(rows / found["seconds"]),
        "the same file again, seconds": round(found["again_s"], 2),
        "peak memory, MB (before)": f"{found['peak_mb']} ({found['before_mb']})",
    }  # fmt: skip
    outcome.goals = [runner.judge(Goal("a row", "COPY into the same table", STATEMENT_GOAL), outcome.cpu_us)]
    return outcome
