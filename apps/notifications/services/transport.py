"""From a delivery to the port of its channel: the words, the call, and what the port said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter

from apps.notifications.choices import Channel
from apps.notifications.exceptions import PortFailed
from apps.notifications.models import Delivery
from apps.notifications.ports import email, sms, whatsapp
from apps.notifications.ports.receipts import Receipt
from apps.notifications.rendering import render_message, render_parameters, render_short
from apps.notifications.unsubscribe_links import unsubscribe_url

logger = structlog.get_logger(__name__)
ATTEMPTS = Counter("notifications_attempts_total", "Tries to send a message, by channel and outcome.", ["channel", "outcome"])


@dataclass(frozen=True)
class Outcome:
    """A receipt, or why there is none; `body` is what was sent."""

    body: str
    receipt: Receipt | None = None
    error: PortFailed | None = None


def send(delivery: Delivery, context: Mapping[str, Any]) -> Outcome:
    """Send a message by its channel; raises nothing that a port says."""
    body = ""
    try:
        body, call = _prepared(delivery, context)
        receipt = call()
    except PortFailed as error:
        return _failed(delivery, body, error)
    except Exception as error:  # whatever words or the backend of a library raise, the message goes down its ladder and is seen
        logger.exception("message_broken", message=delivery.message, channel=delivery.channel)
        return _failed(delivery, body, PortFailed(f"{type(error).__name__}: {error}"))
    ATTEMPTS.labels(delivery.channel, "sent").inc()
    return Outcome(body, receipt=receipt)


def _failed(delivery: Delivery, body: str, error: PortFailed) -> Outcome:
    logger.warning("message_not_sent", message=delivery.message, channel=delivery.channel, error=str(error))
    ATTEMPTS.labels(delivery.channel, "final" if error.is_final else "failed").inc()
    return Outcome(body, error=error)


def _prepared(delivery: Delivery, context: Mapping[str, Any]) -> tuple[str, Any]:
    name, language, to = delivery.message, delivery.language, delivery.address
    if delivery.channel == Channel.SMS:
        # A code has words of its own; every other message is its subject and the page it leads to.
        text = (
            render_message(name, language=language, context=context, is_mail=False).text
            if delivery.is_secret
            else render_short(name, language=language, context=context)
        )
        return text, lambda: sms.send(to=to, text=text)
    if delivery.channel == Channel.WHATSAPP:
        parameters = render_parameters(name, language=language, context=context)
        call = lambda: whatsapp.send(to=to, template=name, language=language, parameters=parameters, reference=str(delivery.pk))  # noqa: E731
        return "\n".join([name, *parameters]), call
    leave = unsubscribe_url(delivery)
    words = render_message(name, language=language, context=context, is_mail=True, unsubscribe_url=leave)
    mail = email.Mail(to=to, subject=words.subject, text=words.text, html=words.html, reference=str(delivery.pk), unsubscribe_url=leave)
    return f"{words.subject}\n\n{words.text}", lambda: email.send(mail)
