"""Hands work to Celery by name."""

from __future__ import annotations

from celery import current_app


def enqueue(name: str, **arguments: object) -> None:
    """Send a task to the broker now; arguments are JSON values.

    Only receivers of events and other tasks call it: there the outbox or the broker repeats what fails. A service
    publishes an event instead, which is part of its transaction.

    :raises LookupError: no task of that name is registered.
    :raises kombu.exceptions.OperationalError: the broker does not take it.
    """
    task = current_app.tasks.get(name)
    if task is None:
        raise LookupError(f"no task named {name}: is its module imported by the application's ready()?")
    task.apply_async(kwargs=arguments, retry=False)
