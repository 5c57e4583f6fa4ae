"""Every kind of error of the API, with the text of its page at /problems/<slug>."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ProblemType:
    """What an error means, why it happens, how to mend it."""

    code: str
    status: int
    title: str | Promise
    cause: str | Promise
    remedy: str | Promise

    @property
    def slug(self) -> str:
        """Last part of the type's address."""
        return self.code.replace("_", "-")


_TYPES = (
    ProblemType(
        "malformed_request", 400, _("Requête illisible"),
        _("Le corps n’est pas du JSON valide en UTF-8, ou il contient une valeur que JSON ne permet pas."),
        _("Vérifiez le JSON, son encodage et l’en-tête Content-Type, puis renvoyez la requête."),
    ),
    ProblemType(
        "invalid_parameter", 400, _("Paramètre non valide"),
        _("Un paramètre de l’adresse est inconnu, répété ou a une valeur impossible."),
        _("Corrigez les paramètres que « errors » nomme ; la documentation liste ceux qui existent."),
    ),
    ProblemType(
        "invalid_cursor", 400, _("Curseur non valide"),
        _("Le curseur a été modifié, ou il vient d’une liste avec d’autres filtres."),
        _("Reprenez à la première page et suivez les liens « next » tels quels."),
    ),
    ProblemType(
        "authentication_required", 401, _("Connexion requise"),
        _("La requête ne dit pas qui vous êtes, ou la connexion a expiré."),
        _("Connectez-vous ou présentez une clé valide."),
    ),
    ProblemType(
        "permission_refused", 403, _("Accès refusé"),
        _("Votre compte ou votre clé n’a pas le droit de faire cela."),
        _("Demandez l’accès au propriétaire de la fiche, ou utilisez une clé qui a la portée nécessaire."),
    ),
    ProblemType(
        "source_required", 403, _("Clé sans source"),
        _("Les fiches envoyées par lots appartiennent à une source : qui les fournit, sous quelle licence. Cette clé n’est liée à aucune."),
        _("Demandez à l’équipe une clé liée à votre source."),
    ),
    ProblemType(
        "source_closed", 403, _("Source fermée"),
        _("La source de cette clé est en pause, son droit d’usage est passé, ou elle a été retirée."),
        _("Écrivez à l’équipe ; vos envois peuvent reprendre dès que la source est rouverte."),
    ),
    ProblemType(
        "csrf_failed", 403, _("Vérification CSRF échouée"),
        _("Une requête avec cookie de session doit porter le jeton CSRF."),
        _("Envoyez l’en-tête X-CSRFToken avec la valeur du cookie csrftoken, ou utilisez une clé."),
    ),
    ProblemType(
        "not_found", 404, _("Introuvable"),
        _("Rien n’existe à cette adresse, ou pas pour vous."),
        _("Vérifiez l’adresse ou l’identifiant ; la liste /api/v1/api-resources donne ceux qui existent."),
    ),
    ProblemType(
        "method_not_allowed", 405, _("Méthode non permise"),
        _("Cette adresse existe mais n’accepte pas cette méthode."),
        _("Employez une des méthodes de l’en-tête Allow."),
    ),
    ProblemType(
        "not_acceptable", 406, _("Format de réponse non disponible"),
        _("L’en-tête Accept demande un format que cette adresse ne produit pas."),
        _("Demandez application/json ou */*."),
    ),
    ProblemType(
        "conflict", 409, _("Conflit"),
        _("L’état actuel de l’objet ne permet pas ce changement, ou la même requête est encore en cours."),
        _("Relisez l’objet, puis réessayez."),
    ),
    ProblemType(
        "cursor_expired", 410, _("Curseur périmé"),
        _("Le curseur d’une recherche par pertinence ne vaut que pour le moteur qui l’a donné, et un autre répond maintenant."),
        _("Reprenez à la première page : « first » en donne l’adresse."),
    ),
    ProblemType("gone", 410, _("Supprimé"), _("Cette fiche a été supprimée."), _("Retirez-la de vos données.")),
    ProblemType(
        "length_required", 411, _("Longueur requise"),
        _("Le corps est envoyé par morceaux, sans en-tête Content-Length."),
        _("Envoyez le corps en une fois avec Content-Length."),
    ),
    ProblemType(
        "precondition_failed", 412, _("Version dépassée"),
        _("L’objet a changé depuis que vous l’avez lu."),
        _("Relisez-le, reportez vos changements et renvoyez-les avec le nouvel ETag dans If-Match."),
    ),
    ProblemType(
        "body_too_large", 413, _("Envoi trop volumineux"),
        _("Le corps de la requête ou le fichier dépasse la taille permise."),
        _("Réduisez l’envoi ; la limite est dans le détail de l’erreur."),
    ),
    ProblemType(
        "unsupported_media_type", 415, _("Type de contenu non pris en charge"),
        _("L’en-tête Content-Type n’est pas un de ceux que cette adresse lit."),
        _("Envoyez application/json, ou multipart/form-data pour un fichier."),
    ),
    ProblemType(
        "validation_failed", 422, _("Données non valides"),
        _("La requête est lisible, mais certains champs ne respectent pas une règle."),
        _("Corrigez les champs que « errors » désigne (pointeurs JSON), puis renvoyez la demande."),
    ),
    ProblemType(
        "idempotency_key_reused", 422, _("Clé d’idempotence déjà employée"),
        _("La même Idempotency-Key a servi pour un autre contenu."),
        _("Employez une nouvelle clé pour chaque opération, et la même pour la répéter."),
    ),
    ProblemType(
        "precondition_required", 428, _("Condition requise"),
        _("Modifier ou supprimer une fiche demande l’en-tête If-Match, pour ne pas écraser le travail d’un autre."),
        _("Lisez la fiche et envoyez son ETag dans If-Match."),
    ),
    ProblemType(
        "rate_limited", 429, _("Trop de requêtes"),
        _("La limite de requêtes est atteinte."),
        _("Attendez le nombre de secondes de l’en-tête Retry-After."),
    ),
    ProblemType(
        "credential_invalid", 401, _("Identification refusée"),
        _("La clé ou le jeton n’existe pas, est incomplet, ou vient d’une autre installation."),
        _("Copiez la clé en entier, sans espace. Une clé perdue ne se retrouve pas : créez-en une autre."),
    ),
    ProblemType(
        "credential_expired", 401, _("Identification expirée"),
        _("La clé a passé sa date d’expiration, ou le jeton d’accès ses quinze minutes."),
        _("Créez une nouvelle clé, ou renouvelez le jeton à /auth/refresh."),
    ),
    ProblemType(
        "credential_revoked", 401, _("Identification révoquée"),
        _("La clé ou la connexion a été révoquée, par son propriétaire, par un changement de mot de passe ou par l’équipe."),
        _("Créez une nouvelle clé, ou reconnectez-vous."),
    ),
    ProblemType(
        "key_rotated", 401, _("Clé remplacée"),
        _("La clé a été renouvelée et la période où les deux servaient est finie."),
        _("Employez la clé qui la remplace."),
    ),
    ProblemType(
        "token_rotated", 401, _("Jeton déjà renouvelé"),
        _("Deux appels ont renouvelé le même jeton presque en même temps ; un seul gagne."),
        _("Employez le jeton reçu par l’autre appel. Ne renouvelez que d’un endroit à la fois."),
    ),
    ProblemType(
        "login_refused", 401, _("Connexion refusée"),
        _("L’adresse e-mail ou le mot de passe est incorrect."),
        _("Vérifiez les deux, ou réinitialisez le mot de passe sur le site."),
    ),
    ProblemType(
        "mfa_required", 401, _("Second facteur requis"),
        _("Le mot de passe est juste et le compte demande un second facteur."),
        _("Renvoyez la demande avec « otp » : le code à six chiffres, ou un code de secours."),
    ),
    ProblemType(
        "email_not_verified", 403, _("Adresse e-mail à confirmer"),
        _("Le mot de passe est juste, mais l’adresse e-mail n’a pas encore été confirmée."),
        _("Ouvrez le message que nous venons d’envoyer et suivez-le."),
    ),
    ProblemType(
        "account_suspended", 403, _("Compte suspendu"),
        _("L’équipe a suspendu ce compte."),
        _("Écrivez-nous pour en connaître la raison."),
    ),
    ProblemType(
        "address_not_allowed", 403, _("Adresse IP non permise"),
        _("La clé n’accepte que certaines adresses IP, et la vôtre n’en est pas."),
        _("Ajoutez l’adresse à la liste de la clé."),
    ),
    ProblemType(
        "credential_conflict", 400, _("Deux identifications à la fois"),
        _("La requête porte deux clés ou jetons différents."),
        _("N’en envoyez qu’un, dans Authorization ou dans X-API-Key."),
    ),
    ProblemType(
        "credential_in_url", 400, _("Clé dans l’adresse"),
        _("Une clé ou un jeton se trouve dans l’adresse de la requête, que des journaux et des intermédiaires gardent."),
        _("Envoyez-la dans l’en-tête X-API-Key, et renouvelez-la : elle a pu être lue."),
    ),
    ProblemType(
        "key_limit_reached", 409, _("Trop de clés"),
        _("Le compte a atteint le nombre de clés de son forfait."),
        _("Révoquez une clé qui ne sert plus."),
    ),
    ProblemType(
        "application_limit_reached", 409, _("Trop d’applications"),
        _("Le compte a atteint le nombre d’applications de son forfait."),
        _("Supprimez une application qui ne sert plus."),
    ),
    ProblemType(
        "endpoint_limit_reached", 409, _("Trop d’adresses de webhook"),
        _("Le compte a dix adresses de webhook, réelles ou d’essai."),
        _("Supprimez une adresse qui ne sert plus, ou abonnez-en une à davantage d’événements."),
    ),
    ProblemType(
        "too_many_attempts", 429, _("Trop d’essais"),
        _("Trop de connexions ont échoué depuis cette adresse ou pour ce compte."),
        _("Attendez quelques minutes, puis réessayez."),
    ),
    ProblemType(
        "quota_exceeded", 429, _("Quota du mois atteint"),
        _("Le compte a employé tous les appels de son forfait pour ce mois."),
        _("Attendez le mois prochain ou passez au forfait supérieur ; /me/limits dit ce qui reste."),
    ),
    ProblemType(
        "internal_error", 500, _("Erreur interne"),
        _("Le serveur a rencontré une erreur, dont nous sommes prévenus."),
        _("Réessayez plus tard ; si l’erreur reste, écrivez-nous avec son request_id."),
    ),
    ProblemType(
        "unavailable", 503, _("Service indisponible"),
        _("Une partie du service ne répond pas pour le moment."),
        _("Réessayez après le nombre de secondes de l’en-tête Retry-After."),
    ),
    ProblemType(
        "phone_code_refused", 422, _("Code refusé"),
        _("Le code n’est pas celui que nous avons envoyé, il a plus de dix minutes, ou il a été essayé cinq fois."),
        _("Vérifiez-le, ou demandez un autre code."),
    ),
    ProblemType(
        "phone_taken", 409, _("Numéro déjà pris"),
        _("Un autre compte a prouvé que ce numéro est le sien."),
        _("Retirez-le de l’autre compte, ou écrivez-nous."),
    ),
    ProblemType(
        "too_many_codes", 429, _("Trop de codes demandés"),
        _("Un code au plus part par minute, et cinq par jour."),
        _("Attendez, puis demandez un nouveau code."),
    ),
    ProblemType(
        "not_offered", 422, _("Offre inconnue"),
        _("Ce produit n’a pas de prix pour cette durée et votre grille."),
        _("Choisissez parmi les prix de /payments/plans."),
    ),
    ProblemType(
        "listing_not_payable", 409, _("Fiche sans forfait possible"),
        _("La fiche n’est pas publiée, ou elle est fermée définitivement : un forfait ne lui servirait à rien."),
        _("Faites-la publier d’abord, ou choisissez une autre fiche."),
    ),
    ProblemType(
        "subscribed_by_another", 409, _("Fiche payée par un autre compte"),
        _("Le compte qui gérait la fiche avant vous paie encore un forfait pour elle."),
        _("Attendez la fin de sa période, ou écrivez-nous."),
    ),
    ProblemType(
        "quote_expired", 409, _("Devis expiré"),
        _("Un devis vaut quinze minutes : après, ce qui reste de la période en cours n’est plus le même."),
        _("Demandez un nouveau devis et souscrivez avec lui."),
    ),
    ProblemType(
        "quote_outdated", 409, _("Devis dépassé"),
        _("L’abonnement, le prix ou un montant reporté a changé depuis le devis."),
        _("Demandez un nouveau devis et souscrivez avec lui."),
    ),
    ProblemType(
        "credit_spent", 409, _("Avoir déjà employé"),
        _("L’avoir que compte ce devis a servi entre-temps à une autre facture."),
        _("Demandez un nouveau devis."),
    ),
    ProblemType(
        "subscription_over", 409, _("Abonnement terminé"),
        _("La période payée est finie : il n’y a plus rien à reprendre."),
        _("Souscrivez de nouveau."),
    ),
    ProblemType(
        "payer_phone_invalid", 422, _("Numéro du payeur non valide"),
        _("Le numéro qui doit payer n’a pas les neuf chiffres d’un mobile camerounais."),
        _("Écrivez-le comme 6 70 00 00 00 ou +237670000000."),
    ),
    ProblemType(
        "payer_phone_foreign", 422, _("Numéro d’un autre pays"),
        _("MTN MoMo et Orange Money n’encaissent ici que depuis des numéros camerounais."),
        _("Donnez un numéro en +237."),
    ),
    ProblemType(
        "payer_phone_fixed", 422, _("Numéro d’une ligne fixe"),
        _("Une ligne fixe n’a pas de compte Mobile Money."),
        _("Donnez le numéro d’un mobile."),
    ),
    ProblemType(
        "idempotency_key_missing", 400, _("Idempotency-Key manquante"),
        _("Cette opération coûte de l’argent : sans clé, un renvoi après une coupure pourrait la faire deux fois."),
        _("Ajoutez un en-tête Idempotency-Key, nouveau pour chaque opération, et renvoyez le même quand vous recommencez."),
    ),
    ProblemType(
        "payment_refused", 422, _("Paiement impossible"),
        _("La facture n’est plus ouverte, ou son montant n’est pas de ceux que cet opérateur prend."),
        _("Demandez une nouvelle facture pro forma, ou payez par virement bancaire."),
    ),
    ProblemType(
        "already_paid", 409, _("Facture déjà payée"),
        _("Un paiement a réglé cette facture : il n’y a plus rien à payer."),
        _("Relisez la facture ; ne payez pas une seconde fois."),
    ),
    ProblemType(
        "payment_running", 409, _("Paiement déjà en cours"),
        _("Un autre paiement de la même facture peut encore prendre l’argent du payeur."),
        _("Suivez le paiement que « payment_id » nomme jusqu’à sa fin avant d’en lancer un autre."),
    ),
    ProblemType(
        "operator_unavailable", 503, _("Opérateur indisponible"),
        _("Cette installation n’a pas de contrat avec cet opérateur, ou ne l’emploie plus."),
        _("Choisissez un autre opérateur, ou payez par virement."),
    ),
)  # fmt: skip


def problem_types() -> dict[str, ProblemType]:
    """Problem types by slug."""
    return {kind.slug: kind for kind in _TYPES}


_BY_CODE = {kind.code: kind for kind in _TYPES}
_BY_STATUS = {kind.status: kind for kind in reversed(_TYPES)}


def problem_type(code: str, status: int) -> ProblemType:
    """The type of an error's code; for a code without its own page, the general type of its status."""
    general = "malformed_request" if status < 500 else "internal_error"
    return _BY_CODE.get(code) or _BY_STATUS.get(status) or _BY_CODE[general]
