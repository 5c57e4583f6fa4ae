"""Refusals of accounts. Codes are stable; each has a page at /problems/<slug>."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError


class CredentialRefused(DomainError):
    """Something was presented that does not say who calls. Subclasses say why."""

    code = "credential_invalid"
    status = 401
    title = _("Identification refusée")
    detail = _("Cette clé ou ce jeton n’existe pas. Vérifiez que vous l’avez copié en entier.")


class CredentialExpired(CredentialRefused):
    """It was right, and its time is over."""

    code = "credential_expired"
    title = _("Identification expirée")
    detail = _("Cette clé ou ce jeton a expiré. Créez une nouvelle clé, ou renouvelez le jeton.")


class CredentialRevoked(CredentialRefused):
    """It was right, and somebody ended it."""

    code = "credential_revoked"
    title = _("Identification révoquée")
    detail = _("Cette clé ou ce jeton a été révoqué. Créez une nouvelle clé, ou reconnectez-vous.")


class KeyRotated(CredentialRefused):
    """The key was replaced and its overlap is over."""

    code = "key_rotated"
    title = _("Clé remplacée")
    detail = _("Cette clé a été remplacée par une autre. Employez la nouvelle.")


class TokenRotated(CredentialRefused):
    """Another call of the same client spent this refresh token a moment ago: its answer has the new one."""

    code = "token_rotated"
    title = _("Jeton déjà renouvelé")
    detail = _("Un autre appel vient de renouveler ce jeton. Employez le nouveau.")


class AddressRefused(DomainError):
    """The key may not be used from this network address."""

    code = "address_not_allowed"
    status = 403
    title = _("Adresse IP non permise")
    detail = _("Cette clé ne fonctionne pas depuis votre adresse IP. Ajoutez-la à la liste de la clé, ou retirez la liste.")


class CredentialConflict(DomainError):
    """Two credentials that differ came together."""

    code = "credential_conflict"
    status = 400
    title = _("Deux identifications à la fois")
    detail = _("La requête porte deux identifications différentes. N’en envoyez qu’une.")


class CredentialInAddress(DomainError):
    """A key or token stands in the address, where logs and proxies keep it."""

    code = "credential_in_url"
    status = 400
    title = _("Clé dans l’adresse")
    detail = _(
        "Une clé ou un jeton ne va jamais dans l’adresse, où des journaux la gardent. Envoyez l’en-tête X-API-Key et renouvelez la clé."
    )


class AccountSuspended(DomainError):
    """The account exists and may do nothing for now."""

    code = "account_suspended"
    status = 403
    title = _("Compte suspendu")
    detail = _("Ce compte est suspendu. Écrivez-nous pour en connaître la raison.")


class LoginRefused(DomainError):
    """Address or password is wrong; which of them is not said."""

    code = "login_refused"
    status = 401
    title = _("Connexion refusée")
    detail = _("L’adresse ou le mot de passe est incorrect.")


class MfaRequired(DomainError):
    """The password is right; the account asks for a second factor."""

    code = "mfa_required"
    status = 401
    title = _("Second facteur requis")
    detail = _("Renvoyez la demande avec « otp » : le code de votre application, ou un code de secours.")


class EmailNotVerified(DomainError):
    """The password is right; nobody confirmed the address yet."""

    code = "email_not_verified"
    status = 403
    title = _("Adresse e-mail à confirmer")
    detail = _("Confirmez votre adresse e-mail : nous venons de vous envoyer un nouveau message.")


class TooManyAttempts(DomainError):
    """So many failures that nobody may try for a while."""

    code = "too_many_attempts"
    status = 429
    title = _("Trop d’essais")
    detail = _("Trop d’essais en peu de temps. Attendez quelques minutes, puis réessayez.")


class KeyLimitReached(DomainError):
    """The account has as many keys as it may."""

    code = "key_limit_reached"
    status = 409
    title = _("Trop de clés")
    detail = _("Votre compte a atteint son nombre de clés. Révoquez-en une que vous n’employez plus.")


class ApplicationLimitReached(DomainError):
    """The account has as many applications as it may."""

    code = "application_limit_reached"
    status = 409
    title = _("Trop d’applications")
    detail = _("Votre compte a atteint son nombre d’applications. Supprimez-en une que vous n’employez plus.")


class PhoneCodeRefused(DomainError):
    """Not the code that was sent, or no longer."""

    code = "phone_code_refused"
    title = _("Code refusé")
    detail = _("Ce code est faux ou trop ancien. Vérifiez-le, ou demandez-en un autre.")


class PhoneTaken(DomainError):
    """Another account has proved that the number is its own."""

    code = "phone_taken"
    status = 409
    title = _("Numéro déjà pris")
    detail = _("Ce numéro est déjà confirmé par un autre compte. Retirez-le là-bas d’abord, ou écrivez-nous.")


class TooManyCodes(DomainError):
    """Text messages are sent sparingly."""

    code = "too_many_codes"
    status = 429
    title = _("Trop de codes demandés")
    detail = _("Un code au plus par minute, et cinq par jour. Réessayez plus tard.")
