"""The product's paths and two constant views in its API."""

from __future__ import annotations

from django.urls import path

from apps.accounts.limits.costs import EXEMPT
from benchmarks.peers.urls import small_constant
from ecosysteme.urls import urlpatterns as ours

urlpatterns = [
    path("api/v1/constant", small_constant, name="constant"),
    # By its name it is outside the limiter: nobody asks who calls.
    path("api/v1/open", small_constant, name=next(iter(EXEMPT))),
    *ours,
]
