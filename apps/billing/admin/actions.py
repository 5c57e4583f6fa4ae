"""Actions of staff: who acts, what was typed, and how a refusal of a service is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.exceptions import DomainError, FieldsInvalid


def actor_of(request: HttpRequest) -> User:
    """Who acts."""
    return cast("User", request.user)


def attempt(model_admin: Any, request: HttpRequest, call: Callable[[], object], done: str = "") -> bool:
    """Call a service and say what came of it; False when it refused."""
    try:
        call()
    except FieldsInvalid as error:
        for _pointer, _code, detail in error.errors:
            model_admin.message_user(request, str(detail), messages.ERROR)
        return False
    except DomainError as error:
        model_admin.message_user(request, str(error.detail), messages.ERROR)
        return False
    model_admin.message_user(request, done or _("C’est fait."), messages.SUCCESS)
    return True


def whole(text: str) -> int:
    """Francs that somebody typed, spaces allowed; 0, which services refuse, when it is no number."""
    digits = "".join(text.split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0
