"""What every part knows of a user: the registry that an archive of somebody's own data is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from allauth.usersessions.models import UserSession

from apps.accounts.models import User
from apps.accounts.selectors.applications import connections_of

Rows = Iterable[Mapping[str, object]]
_SOURCES: dict[str, Callable[[User], Rows]] = {}


def personal_data(name: str) -> Callable[[Callable[[User], Rows]], Callable[[User], Rows]]:
    """Register what goes into `<name>.json`: a function from a user to rows of plain values."""

    def register(source: Callable[[User], Rows]) -> Callable[[User], Rows]:
        _SOURCES[name] = source
        return source

    return register


def sources() -> dict[str, Callable[[User], Rows]]:
    """Every registered source, by the name of its file."""
    return dict(sorted(_SOURCES.items()))


_ACCOUNT = (
    "id", "email", "name", "user_type", "company_name", "phone", "phone_verified_at", "language", "plan", "pricing_tier", "api_quota",
    "api_usage", "created_at", "updated_at",
)  # fmt: skip


@personal_data("account")
def _account(user: User) -> Rows:
    rows: Rows = User.objects.filter(pk=user.pk).values(*_ACCOUNT)
    return rows


@personal_data("security_events")
def _security_events(user: User) -> Rows:
    return user.security_events.order_by("created_at").values("kind", "ip_prefix", "device", "details", "created_at").iterator()


@personal_data("api_keys")
def _api_keys(user: User) -> Rows:
    return user.api_keys.order_by("created_at").values(
        "name", "key_prefix", "last_four", "permissions", "rate_limit", "livemode", "ip_allow", "is_active", "expires_at", "last_used_at",
        "last_used_from", "created_at",
    )  # fmt: skip


@personal_data("applications")
def _applications(user: User) -> Rows:
    for one in user.applications.select_related("client").order_by("created_at"):
        yield {
            "name": one.client.name, "client_id": one.client_id, "description": one.description, "website": one.website,
            "redirect_uris": one.client.get_redirect_uris(), "scopes": one.client.get_scopes(), "state": one.state,
            "review_note": one.review_note, "submitted_at": one.submitted_at, "reviewed_at": one.reviewed_at, "created_at": one.created_at,
        }  # fmt: skip


@personal_data("connected_applications")
def _connected_applications(user: User) -> Rows:
    return ({"name": one.application.client.name, "scopes": sorted(one.scopes), "since": one.since} for one in connections_of(user))


@personal_data("api_logins")
def _api_logins(user: User) -> Rows:
    return user.token_families.order_by("created_at").values("device", "ip_prefix", "created_at", "rotated_at", "revoked_at", "expires_at")


@personal_data("sessions")
def _sessions(user: User) -> Rows:
    rows: Rows = UserSession.objects.filter(user=user).order_by("created_at").values("ip", "user_agent", "created_at")
    return rows


@personal_data("api_usage")
def _api_usage(user: User) -> Rows:
    return user.usage.order_by("day").values("day", "operation", "calls", "units", "refused", "errors").iterator()
