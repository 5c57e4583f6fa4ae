"""Refusals of the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class ResourceIncomplete(Conflict):
    """Publication needs a name, a category, and a position, a quarter or a town (for a business)."""

    code = "resource_incomplete"
    title = _("Fiche incomplète")
    detail = _("Pour être publiée, la fiche doit avoir un nom, une catégorie et, pour une entreprise, une ville ou une position.")


class TransitionRefused(Conflict):
    """The moderation status does not allow this move."""

    code = "transition_refused"
    detail = _("L’état de modération de cette fiche ne permet pas ce changement.")


class RestoreTooLate(Conflict):
    """A deleted entry can be restored for 30 days."""

    code = "restore_too_late"
    detail = _("Cette fiche a été supprimée il y a plus de 30 jours et ne peut plus être restaurée.")


class ReferenceMissing(DomainError):
    """The places and categories of the project were never loaded."""

    code = "unavailable"
    status = 503
    detail = _("Les données de référence manquent. Chargez-les d’abord : python manage.py load_reference.")


class ImageRefused(DomainError):
    """The file cannot become a picture of an entry; the detail says why."""

    code = "image_refused"
    title = _("Image refusée")
    detail = _("Ce fichier n’est pas une image que nous pouvons lire. Envoyez un fichier JPEG, PNG ou WebP entier.")


class TooManyImages(Conflict):
    """The listing plan's number of photos is reached."""

    code = "too_many_images"
    detail = _("La fiche a atteint le nombre de photos de son forfait. Supprimez-en une ou changez de forfait.")
