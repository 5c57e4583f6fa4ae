"""E-mail through Django's mail backend: SMTP, a provider's HTTP interface (django-anymail), or the console of a developer's machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.notifications.exceptions import PortFailed
from apps.notifications.ports import mail_providers
from apps.notifications.ports.receipts import Receipt

# Codes of RFC 5321 that say that the mailbox does not exist. With an enhanced code (RFC 3463) only those about the address or
# a closed mailbox do: 5.7.1 is the receiver's policy, and no fault of the address.
_NO_MAILBOX = {550, 551, 553}
_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True)
class Mail:
    """One mail to one address. `reference` makes its Message-ID, so that a second try is the same mail."""

    to: str
    subject: str
    text: str
    html: str
    reference: str
    unsubscribe_url: str = ""


def send(mail: Mail) -> Receipt:
    """Send one mail; the receipt has the provider's reference or the Message-ID.

    :raises PortFailed: the server refused or did not answer within `EMAIL_TIMEOUT`.
    """
    message = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()), body=mail.text, from_email=settings.DEFAULT_FROM_EMAIL, to=[mail.to]
    )
    message.attach_alternative(mail.html, "text/html")
    message_id = f"<{mail.reference}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"
    # Out-of-office programs stay silent (RFC 3834).
    message.extra_headers |= {"Auto-Submitted": "auto-generated", "Message-ID": message_id}
    if mail.unsubscribe_url:
        # RFC 8058: mail programs post these exact words to the address, without opening it.
        message.extra_headers |= {
            "List-Unsubscribe": f"<{mail.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        is_final = all(code >= 500 for code, _text in answers)
        is_bounce = all(_names_no_mailbox(code, text) for code, text in answers)
        raise PortFailed(f"refused {answers}"[:300], is_final=is_final, is_bounce=is_bounce) from error
    except SMTPSenderRefused as error:
        # Our own address is refused: a fault of the settings, which somebody mends.
        raise PortFailed(f"sender {error.smtp_code} {error.smtp_error!r}"[:300]) from error
    except SMTPResponseException as error:
        is_final, is_bounce = error.smtp_code in _NO_MAILBOX, _names_no_mailbox(error.smtp_code, error.smtp_error)
        raise PortFailed(f"{error.smtp_code} {error.smtp_error!r}"[:300], is_final=is_final, is_bounce=is_bounce) from error
    except (SMTPException, OSError) as error:
        raise PortFailed(f"{type(error).__name__}: {error}"[:300]) from error
    except Exception as error:  # Anymail has classes of its own, known only where it is chosen; what is nobody's is raised again
        failure = mail_providers.failure_of(error)
        if failure is None and isinstance(error, ValueError):
            failure = PortFailed(f"{type(error).__name__}: {error}"[:300], is_final=True)
        if failure is None:
            raise
        raise failure from error
    status = getattr(message, "anymail_status", None)
    if status is not None and not status.status & {"sent", "queued"}:
        raise PortFailed(f"the provider answers {sorted(status.status)}"[:300])
    return Receipt(str(getattr(status, "message_id", None) or message_id))


def _names_no_mailbox(code: int, text: bytes | str) -> bool:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    enhanced = _ENHANCED.search(words)
    if enhanced:
        return enhanced[1] == "1" or (enhanced[1], enhanced[2]) == ("2", "1")
    return code in _NO_MAILBOX
