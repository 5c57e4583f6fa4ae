"""WSGI entry point of the web workers."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")

from django.core.wsgi import get_wsgi_application  # noqa: E402  the settings module must be named first

application = get_wsgi_application()
