"""What is left of the caller's allowance."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import schema
from apps.accounts.callers import caller_of
from apps.accounts.limits.admission import month_of, peek
from apps.core.api.views import ApiView
from apps.core.client_address import client_ip
from apps.core.clock import now


class LimitsView(ApiView):
    """The caller's limits."""

    @extend_schema(**schema.LIMITS)
    def get(self, request: Request) -> Response:
        """Every limit with what is left of it. Free of charge, for any caller, whatever his scopes."""
        at, caller = now(), caller_of(request)
        left = peek(caller, address=client_ip(request._request), at=at)  # noqa: SLF001  DRF's way to Django's request
        return Response({
            "caller": caller.kind.value,
            "livemode": caller.livemode,
            "plan": caller.user.plan if caller.user else None,
            "month": month_of(at).isoformat(),
            "limits": [
                {
                    "name": allowance.policy.name, "quota": allowance.policy.quota, "window_s": allowance.policy.window_s,
                    "remaining": max(allowance.remaining, 0), "reset_s": allowance.reset_s,
                }
                for allowance in left.allowances
            ],
        })  # fmt: skip
