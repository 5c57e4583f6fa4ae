"""The benchmark's settings with two constant views in the API: one behind key, limit and quota, one outside them."""

from __future__ import annotations

from benchmarks.settings import *  # noqa: F403  a settings module extends the one below it

ROOT_URLCONF = "benchmarks.access_urls"
