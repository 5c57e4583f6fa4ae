"""What staff does to many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest

from apps.core.exceptions import DomainError

Row = TypeVar("Row")


def for_each(
    model_admin: Any, request: HttpRequest, rows: Iterable[Row], call: Callable[[Row], object], level: int = messages.ERROR
) -> int:
    """Call a service for each row; a refusal is shown and does not stop the others. How many were done."""
    done = 0
    for row in rows:
        try:
            call(row)
        except DomainError as error:
            model_admin.message_user(request, f"{row} : {error.detail}", level)
        else:
            done += 1
    return done
