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


class NotOffered(DomainError):
    """The product is not sold so."""

    code = "not_offered"
    title = _("Offre inconnue")
    detail = _("Ce produit n’est pas vendu pour cette durée. Choisissez-en une autre.")


class ListingNotPayable(Conflict):
    """Only an entry that people see, or soon will, is paid for."""

    code = "listing_not_payable"
    detail = _("Cette fiche n’est pas publiée : un forfait ne lui servirait à rien. Publiez-la d’abord.")


class SubscribedByAnother(Conflict):
    """Somebody else pays for the entry until the end of his period."""

    code = "subscribed_by_another"
    detail = _("Un autre compte paie déjà un forfait pour cette fiche.")


class QuoteExpired(Conflict):
    """A quote is good for 15 minutes."""

    code = "quote_expired"
    detail = _("Ce devis a expiré. Demandez-en un nouveau.")


class QuoteOutdated(Conflict):
    """What the quote was reckoned from has changed."""

    code = "quote_outdated"
    detail = _("Votre abonnement a changé depuis ce devis. Demandez-en un nouveau.")


class NothingToResume(Conflict):
    """The subscription is over."""

    code = "subscription_over"
    detail = _("Cet abonnement est terminé. Souscrivez de nouveau.")


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


class PayerPhoneInvalid(DomainError):
    """Not a number that can have a Mobile Money wallet in Cameroon. Subclasses say more."""

    code = "payer_phone_invalid"
    title = _("Numéro du payeur non valide")
    detail = _("Écrivez les neuf chiffres du numéro qui paie, par exemple 6 70 00 00 00.")


class PayerPhoneForeign(PayerPhoneInvalid):
    """A number of another country."""

    code = "payer_phone_foreign"
    title = _("Numéro d’un autre pays")
    detail = _("Seuls les numéros camerounais (+237) peuvent payer avec MTN MoMo ou Orange Money.")


class PayerPhoneFixed(PayerPhoneInvalid):
    """A fixed line."""

    code = "payer_phone_fixed"
    title = _("Numéro d’une ligne fixe")
    detail = _("Une ligne fixe n’a pas de compte Mobile Money : donnez un numéro de mobile.")


class ProviderNotConfigured(OperatorUnavailable):
    """An operator that this installation has no contract with, or whose address is gone from the settings."""

    detail = _("Le paiement par cet opérateur n’est pas disponible ici. Choisissez un autre moyen de payer.")


class SellerMissing(DomainError):
    """Nobody is named yet who could write an invoice."""

    code = "seller_missing"
    status = 503
    title = _("Vente impossible pour l’instant")
    detail = _("L’identité du vendeur n’est pas encore renseignée. Réessayez plus tard ou écrivez-nous.")


class CreditSpent(Conflict):
    """The credit that a quote counts on went to another invoice."""

    code = "credit_spent"
    detail = _("Votre avoir a servi entre-temps à une autre facture. Demandez un nouveau devis.")


class CreditNoteTooLarge(Conflict):
    """More would be given back than the invoice says."""

    code = "credit_note_too_large"
    detail = _("Cet avoir dépasse ce qui reste de la facture.")


class RefundTooLarge(Conflict):
    """More than the payment, refunds under way counted, or the customer's credit has left."""

    code = "refund_too_large"
    detail = _("Ce montant dépasse ce qui peut encore être remboursé, demandes en cours comprises.")


class RefundDecided(Conflict):
    """The refund does not stand where this could be done."""

    code = "refund_decided"
    detail = _("Ce remboursement a déjà été décidé ou versé. Relisez-le.")


class SecondPersonNeeded(Conflict):
    """Two people: one asks or checks, another one decides."""

    code = "second_person_needed"
    detail = _("Une autre personne que celle qui a demandé ou vérifié doit décider.")


class TransferWaiting(Conflict):
    """A proof of a transfer for this invoice is being looked at."""

    code = "transfer_waiting"
    detail = _("Un justificatif de virement est déjà à l’examen pour cette facture.")


class TransferDecided(Conflict):
    """The transfer was checked, approved or refused before."""

    code = "transfer_decided"
    detail = _("Ce virement a déjà été vérifié ou décidé. Relisez-le.")
