"""WSGI entry point of the web workers."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
