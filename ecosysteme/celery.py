"""The Celery application, which `shared_task` and `enqueue` find because the package imports it."""

from __future__ import annotations

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, beat_init, setup_logging, task_success
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")

app = Celery("ecosysteme")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A task logs under the id of the request that caused it.
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def log_as_the_web_does(**_: object) -> None:
    """The worker and the beat write the same JSON lines; Celery's own set-up does not run."""
    logging.config.dictConfig(settings.LOGGING)


@task_success.connect
def note_the_turn(sender: Any = None, **_: object) -> None:
    """A scheduled task came to its end: silence is told by what is missing."""
    # Here, because this module is imported before the applications are.
    from apps.core import heartbeats  # noqa: PLC0415

    heartbeats.note(str(getattr(sender, "name", "")))


@beat_init.connect
@beat_embedded_init.connect
def count_from_now(**_: object) -> None:
    """After a stop nobody is silent for what could not run."""
    from apps.core import heartbeats  # noqa: PLC0415  as above

    heartbeats.start()
