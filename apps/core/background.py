"""Hands work to Celery by name."""

from __future__ import annotations

import time

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

logger = structlog.get_logger(__name__)

# After a refused send nobody waits for the broker on the way of a request; the sweep delivers what stays behind.
PAUSE_S = 10.0


class BrokerAway(Exception):
    """The broker did not take a task: the same call works once it is back."""


class _Broker:
    """What this process knows of the broker."""

    away_until = 0.0


def is_broker_away() -> bool:
    """Whether a send failed within the last `PAUSE_S` seconds, and none has worked since."""
    return time.monotonic() < _Broker.away_until


def enqueue(name: str, **arguments: object) -> None:
    """Send a task to the broker now; arguments are JSON values.

    Only receivers of events and other tasks call it: there the outbox or the broker repeats what fails. A service
    publishes an event instead, which is part of its transaction.

    :raises LookupError: no task of that name is registered.
    :raises BrokerAway: nothing was sent, or nobody knows whether it was; known after two seconds at most.
    """
    task = current_app.tasks.get(name)
    if task is None:
        raise LookupError(f"no task named {name}: is its module imported by the application's ready()?")
    try:
        task.apply_async(kwargs=arguments, retry=False)
    except (OperationalError, ConnectionError, TimeoutError) as error:
        if not is_broker_away():
            logger.warning("broker_away", task=name, error=f"{type(error).__name__}: {error}"[:200])
        _Broker.away_until = time.monotonic() + PAUSE_S
        raise BrokerAway(str(error)) from error
    _Broker.away_until = 0.0
