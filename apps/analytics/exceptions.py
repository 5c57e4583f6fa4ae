"""Refusals of analytics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError


class StreamAway(Exception):
    """Redis does not take or give events now."""


class TooManyReports(DomainError):
    """Somebody keeps as many reports as one may."""

    code = "too_many_reports"
    status = 409
    title = _("Trop de rapports")
    detail = _("Vous gardez déjà 50 rapports. Supprimez-en un, puis recommencez.")


class ReportNotReady(DomainError):
    """The file is not made yet, or could not be."""

    code = "report_not_ready"
    status = 409
    title = _("Rapport pas prêt")
    detail = _("Le fichier n’est pas encore prêt. Relisez le rapport : « state » et « progress » disent où il en est.")


class ReportExpired(DomainError):
    """The file was there for seven days."""

    code = "report_expired"
    status = 410
    title = _("Rapport expiré")
    detail = _("Le fichier n’était gardé que sept jours. Demandez un nouveau rapport.")


class LinkExpired(DomainError):
    """A signed address that is too old, forged, or of a file that was made anew."""

    code = "link_expired"
    status = 403
    title = _("Lien expiré")
    detail = _("Ce lien n’ouvre plus le fichier. Relisez le rapport : il en donne un nouveau.")
