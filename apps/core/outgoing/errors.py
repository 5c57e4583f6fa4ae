"""Why a request to somebody else's address was not made, or not answered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import DomainError

_WORDS: dict[str, str | Promise] = {
    "address_private": _("Cette adresse mène à un réseau privé ou réservé."),
    "url_invalid": _("Cette adresse n’est pas une adresse web valide."),
    "host_odd": _("Écrivez le nom du site, ou son adresse IP sous sa forme habituelle."),
    "credentials_in_url": _("Une adresse ne doit pas contenir de mot de passe."),
    "https_only": _("Seules les adresses en https sont permises."),
    "port_not_allowed": _("Seuls les ports habituels du web sont permis."),
    "downgrade": _("Le site renvoie de https vers http."),
    "too_many_redirects": _("Le site renvoie trop de fois ailleurs."),
    "name_unknown": _("Le nom de ce site n’existe pas."),
    "connection_failed": _("Le site ne répond pas."),
    "tls_failed": _("Le certificat du site n’est pas valide."),
    "answer_broken": _("La réponse du site est abîmée."),
    "encoding_unknown": _("Le site répond dans une compression que nous n’avons pas demandée."),
    "too_slow": _("Le site met trop de temps à répondre."),
    "too_large": _("La réponse du site est trop grande."),
}


def words_of(reason: str) -> str:
    """The sentence of a stable word; the word itself when nobody knows it."""
    return str(_WORDS.get(reason, reason))


class OutgoingError(DomainError):
    """The request has no answer. `reason` is a stable word, `found` what it was about (at most 200 characters)."""

    code: ClassVar[str] = "outgoing_failed"
    # Whether the same request may work later.
    is_passing: ClassVar[bool] = False

    def __init__(self, reason: str, found: object = "") -> None:
        super().__init__(_WORDS[reason], reason=reason)
        self.reason, self.found = reason, str(found)[:200]
        self.args = (f"{reason}: {self.found}" if self.found else reason,)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.reason, self.found))


class OutgoingRefused(OutgoingError):
    """We do not ask this address, whatever it would answer."""


class OutgoingFailed(OutgoingError):
    """It was asked, and there is no whole answer."""

    is_passing = True


class OutgoingTimeout(OutgoingFailed):
    """It took longer than it may."""

    def __init__(self, reason: str = "too_slow", found: object = "") -> None:
        super().__init__(reason, found)


class AnswerTooLarge(OutgoingError):
    """The answer, decoded, is longer than it may be."""

    def __init__(self, reason: str = "too_large", found: object = "") -> None:
        super().__init__(reason, found)
