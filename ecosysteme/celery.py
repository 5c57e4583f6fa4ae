"""The Celery application, which `shared_task` and `enqueue` find because the package imports it."""

from __future__ import annotations

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging
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
