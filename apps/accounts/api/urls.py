"""Paths of accounts, below `/api/v1/` and `/api/` alike."""

from __future__ import annotations

from django.urls import path

from apps.accounts.api import auth, keys, limits

urlpatterns = [
    path("auth/register", auth.RegisterView.as_view(), name="register"),
    path("auth/login", auth.LoginView.as_view(), name="login"),
    path("auth/refresh", auth.RefreshView.as_view(), name="refresh"),
    path("auth/logout", auth.LogoutView.as_view(), name="logout"),
    path("auth/me", auth.MeView.as_view(), name="me"),
    path("auth/api-keys", keys.KeyListView.as_view(), name="key_list"),
    path("auth/api-keys/<uuid:key_id>", keys.KeyView.as_view(), name="key"),
    path("auth/api-keys/<uuid:key_id>/rotate", keys.RotateKeyView.as_view(), name="key_rotate"),
    path("me/limits", limits.LimitsView.as_view(), name="me_limits"),
]
