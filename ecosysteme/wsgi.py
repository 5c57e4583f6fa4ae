"""WSGI entry point of the web workers."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")

from django.core.wsgi import get_wsgi_application

from ecosysteme.serving import Turns

application = Turns(get_wsgi_application())
