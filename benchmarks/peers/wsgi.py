"""WSGI entry point of the peers."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
