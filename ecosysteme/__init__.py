"""The project: settings, addresses, servers. It may import every app; no app imports it."""

from ecosysteme.celery import app as celery_app

__all__ = ["celery_app"]
