"""What can go wrong while sending and choosing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError


class PortFailed(Exception):
    """The message did not leave. `is_final` says that trying again is of no use; `is_bounce`, that the address does not exist."""

    def __init__(self, reason: str, *, is_final: bool = False, is_bounce: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_bounce = is_bounce


class NoteRefused(Exception):
    """A provider's notice that is not taken; `code` says why: forged, unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ChoiceRefused(Exception):
    """Somebody chose what cannot be chosen. `message` says why in the reader's language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class IncompleteContext(ValueError):
    """A message lacks values that its words need: a defect of the caller."""


class MissingVariable(Exception):
    """A template names a value that nobody gives."""


class EndpointLimitReached(DomainError):
    """The account has as many webhook endpoints as it may."""

    code = "endpoint_limit_reached"
    status = 409
    title = _("Trop d’adresses de webhook")
    detail = _("Votre compte a atteint son nombre d’adresses de webhook. Supprimez-en une que vous n’employez plus.")


class BroadcastRefused(Exception):
    """An announcement cannot be sent; `code` says why: over, nobody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
