"""What staff looks at and does not write."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Only the pipeline writes here."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """No."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """No."""
        return False
