"""What it costs to know who calls, to bound him and to count it, beside a constant Django view and one Redis script a call."""

from __future__ import annotations

import json
import statistics

import psutil

from benchmarks import runner
from benchmarks.database import bench_database, figures_of, postgres_process
from ecosysteme import embedded

ALONE, SCRIPT = "key + limit + quota alone", "the same, asking Redis at each call"


def prepare() -> None:
    """Runs in a process of its own, on the benchmark's database: a caller with large limits; prints what he presents."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from apps.accounts.choices import Entitlement  # noqa: PLC0415
    from apps.accounts.limits.leases import SMALL_LIMIT  # noqa: PLC0415
    from apps.accounts.models import User  # noqa: PLC0415
    from apps.accounts.origins import NOWHERE  # noqa: PLC0415
    from apps.accounts.services.entitlements import set_entitlements  # noqa: PLC0415
    from apps.accounts.services.keys import KeyInput, create_key  # noqa: PLC0415
    from apps.accounts.services.tokens import Client, open_family  # noqa: PLC0415
    from apps.core.clock import now  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    at, user = now(), User.objects.create_user("banc@exemple.cm", name="Banc")
    values = {Entitlement.MONTHLY_QUOTA: 1_000_000, Entitlement.HOURLY_RATE: 20_000}
    set_entitlements(user_id=user.pk, values=values, valid_until=None, at=at)
    leased = create_key(user=user, data=KeyInput(name="20,000 an hour"), at=at)[1]
    # So small a limit is never leased: the script decides each call.
    asked = create_key(user=user, data=KeyInput(name="exact", rate_limit=SMALL_LIMIT), at=at)[1]
    pair = open_family(user=user, client=Client.of(NOWHERE, "bench"), at=at)
    print(json.dumps({"leased": leased, "asked": asked, "jwt": pair.access}))  # noqa: T201  the parent process reads it


def run(scale: int) -> bool:
    """Compare and report. The scale says nothing here: no entry is read."""
    with bench_database("ecosysteme_bench_access", is_fresh=True) as environment:
        presented = figures_of("from benchmarks.access import prepare; prepare()", environment)
        redis_pid = next((embedded.ROOT / "var" / "dev").glob("redis/redis.pid"))
        with (
            runner.web_server("benchmarks.access_settings", "ecosysteme.wsgi:application", environment) as (ours, our_process),
            runner.web_server("benchmarks.peers.settings", "benchmarks.peers.wsgi:application", environment) as (peers, peer_process),
        ):
            servers = (our_process, peer_process, postgres_process(), psutil.Process(int(redis_pid.read_text())))
            limited = ["/api/v1/constant"]
            outcome = runner.compare(
                "knowing, bounding and counting the caller",
                [
                    runner.Contender("ours: nobody asked", ours, ["/api/v1/open"]),
                    runner.Contender("ours: key of 20,000 an hour", ours, limited, headers={"X-API-Key": presented["leased"]}),
                    runner.Contender("ours: key of 2,000 an hour", ours, limited, headers={"X-API-Key": presented["asked"]}),
                    runner.Contender("ours: JWT", ours, limited, requests=20, headers={"Authorization": f"Bearer {presented['jwt']}"}),
                    runner.Contender("ours: without a key", ours, limited),
                    runner.Contender("constant 2 kB view", peers, ["/small-constant"]),
                ],
                processes=lambda: runner.family(*servers),
                goals=[],
                rounds=31,
                requests=60,
            )
        spent, rounds = outcome.cpu_us, outcome.rounds_us
        for name, contender in ((ALONE, "ours: key of 20,000 an hour"), (SCRIPT, "ours: key of 2,000 an hour")):
            # The median of the differences round by round, not the difference of medians: a machine that is busy for a
            # minute is so for both of a round.
            pairs = zip(rounds[contender], rounds["ours: nobody asked"], strict=True)
            spent[name] = round(statistics.median(with_it - without for with_it, without in pairs), 1)
        outcome.goals = [
            runner.judge(goal, spent) for goal in (runner.Goal(ALONE, "constant 2 kB view", 0.3), runner.Goal(ALONE, SCRIPT, 0.25))
        ]
        return runner.report("access", scale, [outcome])
