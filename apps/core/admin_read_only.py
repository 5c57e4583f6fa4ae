"""What staff looks at and services write."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """No form of the admin writes here; beside an admin or an inline."""

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False
