"""The suite: real PostgreSQL and Redis of the `test` profile, cheap passwords, plain static files."""

from __future__ import annotations

import os

from ecosysteme import env
from ecosysteme.settings.base import *  # noqa: F403  a settings module extends the one below it
from ecosysteme.settings.base import CACHES, REDIS_URL
from ecosysteme.settings.files import BASE_DIR, STORAGES

SECRET_KEY = "only for tests, and long enough to sign a token"  # noqa: S105
API_KEY_PEPPER = "only for tests, too"
IDP_OIDC_PRIVATE_KEY = env.own_signing_key(BASE_DIR / "var" / "test")
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "apps.accounts.oauth.hashers.MachineSecretHasher"]
EMAIL_PROVIDER = "smtp"
ANYMAIL = {}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SMS_BACKEND = "apps.notifications.ports.sms.FakeSms"
WHATSAPP_BACKEND = "apps.notifications.ports.whatsapp.FakeWhatsApp"
# Tests of quiet hours set them; the others run at any hour.
QUIET_HOURS = ""
SITE_URL = "http://testserver"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Each pytest-xdist worker finds its own files alone, and none of `make run`.
FILES = f"var/test/files/{WORKER}"
MEDIA_ROOT = BASE_DIR / env.text("MEDIA_ROOT", f"{FILES}/media")
STORAGES = {
    **STORAGES,
    "private": {**STORAGES["private"], "OPTIONS": {"location": BASE_DIR / env.text("PRIVATE_ROOT", f"{FILES}/private")}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# One of Redis' sixteen databases per worker: `cache.clear()` empties a whole one.
REDIS_URL = f"{REDIS_URL}{'&' if '?' in REDIS_URL else '?'}db={int(WORKER.removeprefix('gw')) % 15 + 1 if WORKER != 'main' else 0}"
CACHE_KEY_PREFIX = f"test-{WORKER}"
# A test that wants Elasticsearch asks for the fixture `elasticsearch_server`.
ELASTICSEARCH = {}
ELASTICSEARCH_INDEX_PREFIX = f"test-{WORKER}-{os.getpid()}"
CACHES["default"] |= {"LOCATION": REDIS_URL, "KEY_PREFIX": CACHE_KEY_PREFIX}
LOGGING = {"version": 1, "disable_existing_loggers": False}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
DEMO_ALLOWED = True
# Static files are found where they lie: nothing is collected before the suite. https://whitenoise.readthedocs.io/en/stable/django.html#WHITENOISE_AUTOREFRESH
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Only tests of the limiter set a limit that they reach.
ANONYMOUS_HOURLY_RATE = 1_000_000
ANONYMOUS_BURST = KEY_BURST = 10_000
# Tests read what they wrote; those of this cache set it.
CARD_CACHE_S = 0
# Servers of the tests themselves.
OUTGOING_ALLOWED_NETWORKS = ["127.0.0.1/32", "::1/128"]
# What a test sends is in the stream when the answer comes.
ANALYTICS_BUFFER_MS = 0
# The Redis of the suite keeps nothing on disk.
ANALYTICS_NEEDS_DURABLE_REDIS = False
# Only tests of politeness wait.
FETCH_DELAY_S = 0.0
# The suite may run as root, where Chromium's sandbox does not work.
CHROMIUM_ARGS = ["--no-sandbox"]
