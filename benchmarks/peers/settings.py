"""A Django project as `startproject` makes it, on the benchmark's database."""

from __future__ import annotations

from ecosysteme.settings.local import *  # noqa: F403  the same applications and database
from ecosysteme.settings.local import INSTALLED_APPS as OURS

INSTALLED_APPS = ["benchmarks.peers.apps.PlainAccountConfig" if name == "allauth.account" else name for name in OURS]
ROOT_URLCONF = "benchmarks.peers.urls"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 20,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
