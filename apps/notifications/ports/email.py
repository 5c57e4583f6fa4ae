"""E-mail through Django's mail backend (SMTP in production, the console on a developer's machine)."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.notifications.exceptions import PortFailed


def send(*, to: str, subject: str, text: str, html: str) -> str:
    """Send one mail; returns its Message-ID, which the mail's headers carry.

    :raises PortFailed: the server refused or did not answer within `EMAIL_TIMEOUT`.
    """
    mail = EmailMultiAlternatives(subject=" ".join(subject.split()), body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to])
    mail.attach_alternative(html, "text/html")
    # Out-of-office programs stay silent (RFC 3834).
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        raise PortFailed(f"refused {codes}", is_final=all(code >= 500 for code in codes)) from error
    except SMTPResponseException as error:
        raise PortFailed(f"{error.smtp_code} {error.smtp_error!r}"[:300], is_final=error.smtp_code in {550, 551, 553}) from error
    except (SMTPException, OSError) as error:
        raise PortFailed(f"{type(error).__name__}: {error}"[:300]) from error
    except (ValueError, UnicodeError) as error:
        raise PortFailed(f"{type(error).__name__}: {error}"[:300], is_final=True) from error
    return str(mail.extra_headers.get("Message-ID", ""))
