"""What search refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class ChangedSince(Conflict):
    """The synonyms that an undo would bring back were changed again in the meantime."""

    detail = _("Ces synonymes ont encore changé depuis. Annulez d’abord la publication la plus récente.")


class AlreadyUndone(Conflict):
    """A publication is undone once; its undo can be undone in turn."""

    detail = _("Cette publication est déjà annulée.")


class TooManySavedSearches(DomainError):
    """An account keeps as many searches as it may."""

    code = "saved_search_limit_reached"
    status = 409
    title = _("Trop de recherches enregistrées")
    detail = _("Vous gardez déjà cinquante recherches. Retirez-en une, puis enregistrez celle-ci.")
