"""Paths of the provider: allauth's, ours before them, and the short ones of the source document (contracts, section 13)."""

from __future__ import annotations

from allauth.idp.oidc import views as stock
from django.urls import include, path

from apps.accounts.oauth import views

urlpatterns = [
    path(".well-known/oauth-authorization-server", stock.configuration),
    path("identity/o/authorize", views.authorize),
    path("identity/o/logout", views.logout),
    path("identity/o/device", views.absent),
    path("identity/o/api/token", views.token),
    path("identity/o/api/revoke", views.revoke),
    path("identity/o/api/userinfo", views.user_info),
    path("identity/o/api/device/code", views.absent),
    path("oauth/authorize", views.authorize),
    path("oauth/token", views.token),
    path("oauth/revoke", views.revoke),
    # Discovery and keys are allauth's as they are; the names of all paths are, too.
    path("", include("allauth.idp.urls")),
]
