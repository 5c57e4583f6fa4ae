"""The benchmark's settings, with a broker that no worker of this checkout listens to: its tasks would find nothing in their database."""

from __future__ import annotations

from benchmarks.settings import *  # noqa: F403  a settings module extends the one below it
from benchmarks.settings import CELERY_BROKER_URL as _BROKER

CELERY_BROKER_URL = f"{_BROKER}?virtual_host=15"
