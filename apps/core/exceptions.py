"""Errors that every part may raise. Each has a stable code, a status and a sentence that names the remedy."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal that the caller can understand and mend. Subclasses set the class attributes."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    # Empty: that of the code's problem type.
    title: ClassVar[str | Promise] = ""
    detail: str | Promise = _("La demande ne peut pas être exécutée.")

    def __init__(self, detail: str | Promise | None = None, **extensions: object) -> None:
        self.detail = detail or type(self).detail
        self.extensions = extensions
        super().__init__(str(self.code))


class FieldsInvalid(DomainError):
    """Some fields of the input break a rule; `errors` is a list of (pointer, code, detail)."""

    code = "validation_failed"
    title = _("Données non valides")
    detail = _("Corrigez les champs signalés, puis renvoyez la demande.")

    def __init__(self, errors: list[tuple[str, str, str | Promise]]) -> None:
        super().__init__()
        self.errors = errors


class AuthenticationRequired(DomainError):
    """Nobody is logged in."""

    code = "authentication_required"
    status = 401
    title = _("Connexion requise")
    detail = _("Connectez-vous ou présentez une clé, puis renvoyez la demande.")


class PermissionRefused(DomainError):
    """The caller is known and may not do this."""

    code = "permission_refused"
    status = 403
    title = _("Accès refusé")
    detail = _("Votre compte n’a pas le droit de faire cela.")


class NotFound(DomainError):
    """The object does not exist, or not for this caller."""

    code = "not_found"
    status = 404
    title = _("Introuvable")
    detail = _("Cette adresse ne correspond à rien. Vérifiez-la ou lancez une recherche.")


class Gone(DomainError):
    """The object existed and was removed."""

    code = "gone"
    status = 410
    title = _("Supprimé")
    detail = _("Cette fiche a été supprimée.")


class Conflict(DomainError):
    """The state of the object does not allow the change."""

    code = "conflict"
    status = 409
    title = _("Conflit")
    detail = _("L’état actuel ne permet pas ce changement. Relisez la fiche et réessayez.")
