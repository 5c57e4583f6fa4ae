"""The Celery application, which `shared_task` and `enqueue` find because the package imports it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")

app = Celery("ecosysteme")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
