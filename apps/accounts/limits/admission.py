"""Letting a call in, and settling it when its answer is known."""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import hashlib
import time
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.accounts.callers import ANONYMOUS, Caller
from apps.accounts.choices import Entitlement
from apps.accounts.limits import costs
from apps.accounts.limits.leases import LEASE_S, Lease, block_of, leases, spare_of
from apps.accounts.limits.local import buckets, usage
from apps.accounts.limits.policies import BURST_WINDOW_S, HOUR_S, Allowance, Bounds, seconds
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


@dataclass(slots=True)
class Admission:
    """The decision on a call. `refused_by` names the policy that stands against it; `units` is what the call costs."""

    bounds: Bounds
    verdict: Verdict
    at: dt.datetime
    units: int = 0
    refused_by: str = ""

    @property
    def left(self) -> tuple[int, ...]:
        """For each policy, in order, what is left of it and in how many seconds all of it is back."""
        verdict, bounds = self.verdict, self.bounds
        windows = (verdict.burst_left, seconds(verdict.burst_reset), verdict.sustained_left, seconds(verdict.sustained_reset))
        return windows if bounds.monthly is None else (*windows, max(bounds.monthly - verdict.used, 0), self._month_left_s)

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """The same with the policies."""
        left = self.left
        return tuple(Allowance(policy, left[2 * place], left[2 * place + 1]) for place, policy in enumerate(self.bounds.policies))

    @property
    def retry_s(self) -> int:
        """After how many seconds a refused caller should come back; 0 for an admitted one."""
        if not self.refused_by:
            return 0
        return self._month_left_s if self.refused_by == "monthly" else max(seconds(self.verdict.wait), 1)

    @property
    def _month_left_s(self) -> int:
        return int(self.bounds.month_ends - self.at.timestamp()) + 1


def admit(caller: Caller, *, address: str, operation: str, at: dt.datetime) -> Admission:
    """Let this call in, or say which limit is reached; counts it in the same step."""
    bounds = _bounds(caller, address=address, operation=operation, at=at)
    if operation in costs.FREE:
        return _decide(bounds, calls=0, at=at)
    verdict = leases.use(bounds)
    return _decide(bounds, calls=1, at=at) if verdict is None else _leased(bounds, verdict, at=at)


def settle(admission: Admission, *, status: int) -> None:
    """Give back the units of a call that failed on our side (5xx) or told nothing new (304)."""
    if status < 500 and status != 304:
        return
    bounds = admission.bounds
    if not bounds.field or admission.refused_by:
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
    return _decide(_bounds(ANONYMOUS, address=address, operation="", at=at), calls=1, at=at)


def peek(caller: Caller, *, address: str, at: dt.datetime) -> Admission:
    """What is left now; takes nothing."""
    return _decide(_bounds(caller, address=address, operation="", at=at), calls=0, at=at)


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


def _bounds(caller: Caller, *, address: str, operation: str, at: dt.datetime) -> Bounds:
    payer = caller.user or caller.payer
    if payer is None:
        whole = (address, settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE)
        return _known_bounds.get(whole) or _known_bounds.set(whole, Bounds(_address_name(address), *whole[1:]))
    place = (caller.account, operation)
    known = _known_bounds.get(place)
    if known is None or not known.day_begins <= at < known.day_ends:
        known = _known_bounds.set(place, _bounds_of_payer(caller, payer, operation=operation, at=at))
    return known


def _bounds_of_payer(caller: Caller, payer: User, *, operation: str, at: dt.datetime) -> Bounds:
    user_id, begins = payer.pk, at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    known = _rights.get(user_id)
    if known is None:
        rights = entitlements_of(payer, at=at)
        known = _rights.set(user_id, (rights[Entitlement.MONTHLY_QUOTA], max(rights[Entitlement.HOURLY_RATE], 1)))
    quota, hourly = known
    if caller.key_id is not None:
        name, hourly = _named(f"rate_limit:api:{caller.key_id}"), min(caller.hourly_rate or hourly, hourly)
    else:
        name = _named(f"rate_limit:user:{user_id}:{caller.client_id}")
    field = f"{begins:%Y-%m-%d}|{user_id}|{caller.key_id or ''}|{operation[:60]}|" if operation else ""
    ends = (begins.date() + dt.timedelta(days=1), (begins.date().replace(day=1) + dt.timedelta(days=32)).replace(day=1))
    day_ends, month_ends = (dt.datetime.combine(date, dt.time(), ZONE) for date in ends)
    return Bounds(
        name, settings.KEY_BURST, hourly, quota, costs.units_of(operation), month_key(user_id, at), field, user_id,
        begins.astimezone(dt.UTC), day_ends.astimezone(dt.UTC), month_ends.timestamp(),
    )  # fmt: skip


def _address_name(address: str) -> str:
    """An address is personal data: its name is a hash."""
    return _named(f"rate_limit:ip:{hashlib.blake2b(limit_key(address).encode(), digest_size=12).hexdigest()}")


def _named(name: str) -> str:
    return f"{settings.CACHE_KEY_PREFIX}:{name}"


def _decide(bounds: Bounds, *, calls: int, at: dt.datetime) -> Admission:
    """One call, decided by the script, or by this process while Redis is away."""
    units = bounds.units if calls else 0
    try:
        verdict = _ask(bounds, calls=calls, units=units, at=at)
    except RedisAway:
        verdict = _decide_locally(bounds, calls=calls, units=units)
    if verdict.granted:
        _return_leases(leases.put(bounds, verdict, until=time.monotonic() + LEASE_S))
    return _admission(bounds, verdict, units=units, at=at)


def _ask(bounds: Bounds, *, calls: int, units: int, at: dt.datetime) -> Verdict:
    """The script's verdict; a month that Redis does not know is first written from PostgreSQL. Who is busy may get a block."""
    flush_local()
    block = block_of(bounds.smallest) if calls else 0
    if block and not leases.is_busy(bounds.name):
        block = 0
    keys = [f"{bounds.name}:burst", f"{bounds.name}:hour", bounds.month_key or bounds.name, _named(PENDING)]
    arguments: list[str | int] = [
        bounds.burst, BURST_WINDOW_S * 1_000_000, bounds.sustained, HOUR_S * 1_000_000, calls, units,
        -1 if bounds.monthly is None else bounds.monthly, bounds.field, block, spare_of(block), leases.burst_debt(bounds.name),
    ]  # fmt: skip
    verdict = counter.admit(keys, arguments)
    if verdict.outcome == COLD and bounds.user_id is not None:
        counter.write_month(bounds.month_key, units_of_month(bounds.user_id, month=month_of(at)), ttl_s=MONTH_TTL_S)
        verdict = counter.admit(keys, arguments)
    return verdict


def _leased(bounds: Bounds, verdict: Verdict, *, at: dt.datetime) -> Admission:
    """A call out of a block, whose unit of the month is paid already."""
    if verdict.outcome == ALLOWED:
        usage.add(bounds.field, calls=1, units=bounds.units, month_key=bounds.month_key, month_units=bounds.units - 1)
    else:
        usage.add(bounds.field, refused=1)
    return _admission(bounds, verdict, units=bounds.units, at=at)


def _return_leases(unused: list[Lease]) -> None:
    for lease in unused:
        bounds = lease.bounds
        usage.add("", month_key=bounds.month_key, month_units=-lease.left)
        with contextlib.suppress(RedisAway):
            counter.give_back(f"{bounds.name}:hour", calls=lease.left, step=HOUR_S * 1_000_000 / bounds.sustained)


def _decide_locally(bounds: Bounds, *, calls: int, units: int) -> Verdict:
    """Redis is away: this process's own bucket bounds its callers, requests go on, and what is counted is kept for later."""
    is_allowed, left, back_s = buckets.take(f"{bounds.name}:hour", quota=bounds.sustained, window_s=HOUR_S, calls=calls)
    if calls and is_allowed:
        usage.add(bounds.field, calls=calls, units=units, month_key=bounds.month_key, month_units=units)
    elif calls:
        usage.add(bounds.field, refused=calls)
    back = int(back_s * 1e6)
    return Verdict(ALLOWED if is_allowed else SUSTAINED, bounds.burst, 0, left, back, 0, 0 if is_allowed else back)


def _admission(bounds: Bounds, verdict: Verdict, *, units: int, at: dt.datetime) -> Admission:
    refused_by = _REFUSALS.get(verdict.outcome, "")
    return Admission(bounds, verdict, at, 0 if refused_by else units, refused_by)


@atexit.register
def _give_back_at_exit() -> None:
    """A process that ends returns what it leased."""
    _return_leases(leases.drain(only_old=False))
    flush_local()
