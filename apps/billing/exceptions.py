"""Refusals of billing. Each says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError


class PaymentRefused(DomainError):
    """The payment cannot be started as asked."""

    code = "payment_refused"
    title = _("Paiement impossible")


class OperatorUnavailable(DomainError):
    """No operator takes this payment now."""

    code = "operator_unavailable"
    status = 503
    title = _("Opérateur indisponible")
    detail = _("Cet opérateur ne prend pas de paiement en ce moment. Réessayez dans quelques minutes ou choisissez l’autre.")


class AlreadyPaid(Conflict):
    """Nothing is owed any more."""

    code = "already_paid"
    detail = _("Cette facture est déjà payée.")


class PaymentRunning(Conflict):
    """Another payment of the same invoice may still take the money."""

    code = "payment_running"
    detail = _("Un paiement de cette facture est déjà en cours. Attendez sa fin avant d’en lancer un autre.")


class CaseSettled(Conflict):
    """Somebody else decided first."""

    code = "case_settled"
    detail = _("Cet écart est déjà réglé.")
