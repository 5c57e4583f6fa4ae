"""Refusals of ingestion."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class SourceRequired(DomainError):
    """The caller speaks for no source."""

    code = "source_required"
    status = 403
    title = _("Clé sans source")
    detail = _("Cette clé n’est liée à aucune source. Demandez à l’équipe de la lier à celle dont vous envoyez les fiches.")


class SourceClosed(DomainError):
    """Nothing is taken from the source now."""

    code = "source_closed"
    status = 403
    title = _("Source fermée")
    detail = _("Cette source est en pause, expirée ou retirée : rien n’en est repris pour le moment. Écrivez à l’équipe.")


class TypeUnread(DomainError):
    """A body of records that is neither JSON nor NDJSON, or packed in another way than gzip."""

    code = "unsupported_media_type"
    status = 415
    detail = _("Envoyez application/json ou application/x-ndjson, tel quel ou en gzip.")


class MergeRefused(Conflict):
    """Two entries cannot be merged, or a merge cannot be undone now; the detail says why."""

    detail = _("Ces deux fiches ne peuvent pas être fondues.")


class UploadUnreadable(DomainError):
    """An uploaded file is no table that can be imported; the detail says why."""

    detail = _("Le fichier ne peut pas être lu.")
