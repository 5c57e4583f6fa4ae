"""A public installation: every secret and address comes from the environment, https only."""

from __future__ import annotations

from ecosysteme import env
from ecosysteme.settings.base import *  # noqa: F403  a settings module extends the one below it

SECRET_KEY = env.text("SECRET_KEY")
# Keys are stored as HMACs with it, and it encrypts second factors: who changes it makes all of them useless.
API_KEY_PEPPER = env.text("API_KEY_PEPPER")
# RSA, at least 2048 bits, PEM: signs the id_tokens of partners.
IDP_OIDC_PRIVATE_KEY = env.pem("OIDC_PRIVATE_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

SITE_URL = env.text("SITE_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if ALLOWED_HOSTS else "https://localhost")
STAFF_NEED_MFA = True

# https://docs.djangoproject.com/en/5.2/ref/middleware/#module-django.middleware.security
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
