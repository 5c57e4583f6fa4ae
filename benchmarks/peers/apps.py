"""The peers' own configuration of an application."""

from __future__ import annotations

from django.apps import AppConfig


class PlainAccountConfig(AppConfig):
    """allauth's models of accounts, without its demand for a middleware, which would cost the constant view something."""

    name = "allauth.account"
