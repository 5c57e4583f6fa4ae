"""Letting a call in, and settling it when its answer is known."""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import hashlib
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.accounts.callers import ANONYMOUS, Caller
from apps.accounts.choices import Entitlement
from apps.accounts.limits import costs
from apps.accounts.limits.leases import LEASE_S, Lease, block_of, leases, spare_of
from apps.accounts.limits.local import buckets, usage
from apps.accounts.limits.policies import BURST_WINDOW_S, HOUR_S, Allowance, Policy, policies_of, seconds
from apps.accounts.limits.script import ALLOWED, BURST, COLD, MONTHLY, SUSTAINED, RedisAway, Verdict, counter
from apps.accounts.models import User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.selectors.usage import units_of_month
from apps.core.client_address import limit_key
from apps.core.process_cache import ProcessCache

ZONE = ZoneInfo("Africa/Douala")
# How long a process remembers what an account has a right to.
RIGHTS_S = 10
# A month's counter lives past its month, so that a late settlement finds it.
MONTH_TTL_S = 40 * 24 * 3600
PENDING = "usage:pending"

_rights: ProcessCache[tuple[int, int]] = ProcessCache(maxsize=10_000, ttl_s=lambda: RIGHTS_S)
_known_bounds: ProcessCache[Bounds] = ProcessCache(maxsize=10_000, ttl_s=lambda: RIGHTS_S)
_REFUSALS = {BURST: "burst", SUSTAINED: "sustained", MONTHLY: "monthly"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one caller may take, and under which names it is counted."""

    name: str
    burst: int
    sustained: int
    monthly: int | None
    month_key: str
    field: str
    policies: tuple[Policy, ...]
    user_id: uuid.UUID | None = None

    @property
    def smallest(self) -> int:
        """The limit that decides whether blocks are leased at all."""
        return self.sustained if self.monthly is None else min(self.sustained, self.monthly)


@dataclass(slots=True)
class Admission:
    """The decision on a call. `refused_by` names the policy that stands against it; `retry_s` says when to come back."""

    allowances: tuple[Allowance, ...]
    units: int = 0
    refused_by: str = ""
    retry_s: int = 0
    bounds: Bounds | None = None


def admit(caller: Caller, *, address: str, operation: str, at: dt.datetime) -> Admission:
    """Let this call in, or say which limit is reached; counts it in the same step."""
    bounds = _bounds(caller, address=address, operation=operation, at=at)
    units = 0 if bounds.monthly is None else costs.units_of(operation)
    if operation in costs.FREE:
        return _decide(bounds, calls=0, units=0, at=at)
    block = block_of(bounds.smallest)
    if block > 1:
        lease = leases.use(bounds.name) or _take_lease(bounds, block, at=at)
        if lease is not None:
            return _use(lease, bounds, units=units, at=at)
    return _decide(bounds, calls=1, units=units, at=at)


def settle(admission: Admission, *, status: int) -> None:
    """Give back the units of a call that failed on our side (5xx) or told nothing new (304)."""
    bounds = admission.bounds
    if bounds is None or not bounds.field or admission.refused_by or not (status >= 500 or status == 304):
        return
    usage.add(
        bounds.field,
        units=-admission.units,
        errors=1 if status >= 500 else 0,
        month_key=bounds.month_key,
        month_units=-admission.units,
    )
    flush_local()


def charge_failure(address: str, *, at: dt.datetime) -> Admission:
    """Count a refused key or token against its network address, so that nobody tries thousands."""
    return _decide(_bounds(ANONYMOUS, address=address, operation="", at=at), calls=1, units=0, at=at)


def peek(caller: Caller, *, address: str, at: dt.datetime) -> Admission:
    """What is left now; takes nothing."""
    return _decide(_bounds(caller, address=address, operation="", at=at), calls=0, units=0, at=at)


def flush_local() -> None:
    """Write what this process counted by itself, and give back what it leased and does not use; waits while Redis is away."""
    _return_leases(leases.drain())
    fields, months = usage.take()
    if not fields and not months:
        return
    try:
        missing = counter.add(_named(PENDING), fields, months)
    except RedisAway:
        usage.give_back(fields, months)
    else:
        usage.give_back({}, {name: months[name] for name in missing})


def month_of(at: dt.datetime) -> dt.date:
    """The first day of the month in Cameroon: quotas begin anew there."""
    return at.astimezone(ZONE).date().replace(day=1)


def month_key(user_id: uuid.UUID, at: dt.datetime) -> str:
    """The counter of a user's month (the source document's `api:usage:{user_id}`)."""
    return _named(f"api:usage:{user_id}:{month_of(at):%Y-%m}")


def seconds_left_of_month(at: dt.datetime) -> int:
    """Until quotas begin anew."""
    return int(_end_of(month_of(at)) - at.timestamp()) + 1


@lru_cache(maxsize=8)
def _end_of(month: dt.date) -> float:
    following = (month + dt.timedelta(days=32)).replace(day=1)
    return dt.datetime(following.year, following.month, 1, tzinfo=ZONE).timestamp()


def _bounds(caller: Caller, *, address: str, operation: str, at: dt.datetime) -> Bounds:
    payer = caller.user or caller.payer
    if payer is None:
        whole = (address, settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE)
        return _known_bounds.get(whole) or _known_bounds.set(whole, _bounds_of_address(*whole))
    day = at.astimezone(ZONE).date()
    place = (payer.pk, caller.key_id, caller.client_id, caller.hourly_rate, operation, day)
    return _known_bounds.get(place) or _known_bounds.set(place, _bounds_of_payer(caller, payer, operation=operation, day=day, at=at))


def _bounds_of_address(address: str, burst: int, hourly: int) -> Bounds:
    """The bounds of whoever calls from there and presents nothing."""
    name = _address_name(address)
    return Bounds(name, burst, hourly, None, f"{name}:none", "", policies_of(burst, hourly, None))


def _bounds_of_payer(caller: Caller, payer: User, *, operation: str, day: dt.date, at: dt.datetime) -> Bounds:
    """The bounds of somebody who is known. They are put together once in `RIGHTS_S`, not for each call."""
    user_id = payer.pk
    known = _rights.get(user_id)
    if known is None:
        rights = entitlements_of(payer, at=at)
        known = _rights.set(user_id, (rights[Entitlement.MONTHLY_QUOTA], max(rights[Entitlement.HOURLY_RATE], 1)))
    quota, hourly = known
    if caller.key_id is not None:
        name, hourly = _named(f"rate_limit:api:{caller.key_id}"), min(caller.hourly_rate or hourly, hourly)
    else:
        name = _named(f"rate_limit:user:{user_id}:{caller.client_id}")
    field = f"{day:%Y-%m-%d}|{user_id}|{caller.key_id or ''}|{operation[:60]}|" if operation else ""
    burst = settings.KEY_BURST
    return Bounds(name, burst, hourly, quota, month_key(user_id, at), field, policies_of(burst, hourly, quota), user_id)


def _address_name(address: str) -> str:
    """An address is personal data: its name is a hash."""
    return _named(f"rate_limit:ip:{hashlib.blake2b(limit_key(address).encode(), digest_size=12).hexdigest()}")


def _named(name: str) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:{name}"


def _decide(bounds: Bounds, *, calls: int, units: int, at: dt.datetime) -> Admission:
    """One call, decided by the script, or by this process while Redis is away."""
    try:
        verdict = _ask(bounds, calls=calls, units=units, at=at, field=bounds.field)
    except RedisAway:
        return _decide_locally(bounds, calls=calls, units=units, at=at)
    return _admission(bounds, verdict, units=units, at=at)


def _ask(bounds: Bounds, *, calls: int, units: int, at: dt.datetime, field: str) -> Verdict:
    """The script's verdict; a month that Redis does not know is first written from PostgreSQL.

    :param field: where the call is counted in the hash of usage; empty when the process counts it itself.
    """
    flush_local()
    keys = [f"{bounds.name}:burst", f"{bounds.name}:hour", bounds.month_key, _named(PENDING)]
    arguments: list[str | int] = [
        max(bounds.burst, calls), BURST_WINDOW_S * 1_000_000, bounds.sustained, HOUR_S * 1_000_000, calls, units,
        -1 if bounds.monthly is None else bounds.monthly, field, 1, units,
    ]  # fmt: skip
    verdict = counter.admit(keys, arguments)
    if verdict.outcome == COLD and bounds.user_id is not None:
        counter.write_month(bounds.month_key, units_of_month(bounds.user_id, month=month_of(at)), ttl_s=MONTH_TTL_S)
        verdict = counter.admit(keys, arguments)
    return verdict


def _take_lease(bounds: Bounds, block: int, *, at: dt.datetime) -> Lease | None:
    """A block for this call and the next ones, when the caller is busy and so much is left that no other process goes short."""
    if not leases.is_busy(bounds.name):
        return None
    try:
        now = _ask(bounds, calls=0, units=0, at=at, field="")
        left = now.sustained_left if bounds.monthly is None else min(now.sustained_left, bounds.monthly - now.used)
        if left <= spare_of(block):
            return None
        verdict = _ask(bounds, calls=block, units=0 if bounds.monthly is None else block, at=at, field="")
    except RedisAway:
        return None
    if verdict.outcome != ALLOWED:
        return None
    month_key = bounds.month_key if bounds.monthly is not None else ""
    lease = Lease(block - 1, verdict, time.monotonic() + LEASE_S, f"{bounds.name}:hour", month_key, HOUR_S * 1_000_000 / bounds.sustained)
    leases.put(bounds.name, lease)
    return lease


def _use(lease: Lease, bounds: Bounds, *, units: int, at: dt.datetime) -> Admission:
    """A call out of a block, whose unit of the month is paid already; bursts are counted by each process."""
    verdict = lease.verdict
    is_allowed, burst_left, burst_back_s = buckets.take(f"{bounds.name}:burst", quota=bounds.burst, window_s=BURST_WINDOW_S)
    now = Verdict(
        ALLOWED if is_allowed else BURST, burst_left, int(burst_back_s * 1e6), verdict.sustained_left + lease.left, verdict.sustained_reset,
        verdict.used - lease.left, 0 if is_allowed else int(burst_back_s * 1e6),
    )  # fmt: skip
    paid = 1 if lease.month_key else 0
    if is_allowed:
        usage.add(bounds.field, calls=1, units=units, month_key=lease.month_key, month_units=units - paid)
    else:
        usage.add(bounds.field, refused=1, month_key=lease.month_key, month_units=-paid)
    return _admission(bounds, now, units=units, at=at)


def _return_leases(unused: list[Lease]) -> None:
    for lease in unused:
        usage.add("", month_key=lease.month_key, month_units=-lease.left)
        with contextlib.suppress(RedisAway):
            counter.give_back(lease.hour_key, calls=lease.left, step=lease.step)


def _decide_locally(bounds: Bounds, *, calls: int, units: int, at: dt.datetime) -> Admission:
    """Redis is away: this process's own bucket bounds its callers, requests go on, and what is counted is kept for later."""
    is_allowed, left, back_s = buckets.take(f"{bounds.name}:hour", quota=bounds.sustained, window_s=HOUR_S, calls=calls)
    back = int(back_s * 1e6)
    verdict = Verdict(ALLOWED if is_allowed else SUSTAINED, bounds.burst, 0, left, back, 0, 0 if is_allowed else back)
    if calls and is_allowed:
        usage.add(bounds.field, calls=calls, units=units, month_key=bounds.month_key, month_units=units)
    elif calls:
        usage.add(bounds.field, refused=calls)
    return _admission(bounds, verdict, units=units, at=at)


def _admission(bounds: Bounds, verdict: Verdict, *, units: int, at: dt.datetime) -> Admission:
    allowances = _allowances(bounds, verdict, at=at)
    if verdict.outcome in {ALLOWED, COLD}:
        return Admission(allowances, units=units, bounds=bounds)
    name = _REFUSALS[verdict.outcome]
    retry_s = seconds_left_of_month(at) if name == "monthly" else max(seconds(verdict.wait), 1)
    return Admission(allowances, refused_by=name, retry_s=retry_s, bounds=bounds)


def _allowances(bounds: Bounds, verdict: Verdict, *, at: dt.datetime) -> tuple[Allowance, ...]:
    policies = bounds.policies
    windows = (
        Allowance(policies[0], verdict.burst_left, seconds(verdict.burst_reset)),
        Allowance(policies[1], verdict.sustained_left, seconds(verdict.sustained_reset)),
    )
    if bounds.monthly is None:
        return windows
    return (*windows, Allowance(policies[2], bounds.monthly - verdict.used, seconds_left_of_month(at)))


@atexit.register
def _give_back_at_exit() -> None:
    """A process that ends returns what it leased."""
    _return_leases(leases.drain(only_old=False))
    flush_local()
