"""A checkout on somebody's machine: own servers, mails on the console, plain http."""

from __future__ import annotations

import hashlib

from apps.billing.fake_operator.addresses import CREDENTIALS
from apps.notifications.ports.mail_providers import BACKENDS
from ecosysteme import env
from ecosysteme.settings.base import *  # noqa: F403  a settings module extends the one below it
from ecosysteme.settings.files import BASE_DIR

DEBUG = env.flag("DEBUG", default=False)
# Stable for a checkout, so that sessions survive a restart; worthless elsewhere.
SECRET_KEY = env.text("SECRET_KEY", hashlib.sha256(f"local {BASE_DIR}".encode()).hexdigest())
API_KEY_PEPPER = env.text("API_KEY_PEPPER", hashlib.sha256(f"keys {BASE_DIR}".encode()).hexdigest())
IDP_OIDC_PRIVATE_KEY = env.own_signing_key(BASE_DIR / "var")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", ".localhost"])
EMAIL_PROVIDER = env.one_of("EMAIL_PROVIDER", BACKENDS, "console")
EMAIL_BACKEND = BACKENDS[EMAIL_PROVIDER]
DEMO_ALLOWED = True
KEEP_MESSAGE_BODIES = True
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}")
# The fake operator, to which `make run` leads, takes any credentials; a real sandbox needs its own.
globals().update({name: env.text(name, "") or word for name, word in CREDENTIALS.items()})
