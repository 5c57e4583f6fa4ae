"""Messages that a verifier has to tell apart, in whatever language it is written."""

from __future__ import annotations

import datetime as dt

from standardwebhooks import Webhook

from apps.notifications.services.webhooks import signing


def cases(secret: str) -> list[tuple[str, dict[str, str], bytes, bool]]:
    """Messages with what a verifier says of them; the true one's signature is the published library's."""
    body = '{"type":"key.created","data":{"id":"é"}}'.encode()
    sent_at = dt.datetime.now(dt.UTC)

    def headers(at: dt.datetime = sent_at, signed: bytes = body) -> dict[str, str]:
        signature = Webhook(secret).sign("0193510c", at, signed.decode())
        return {"webhook-id": "0193510c", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}

    good = headers()
    other = Webhook(signing.new_secret()).sign("0193510c", sent_at, body.decode())
    return [
        ("good", good, body, True),
        ("one of two", {**good, "webhook-signature": f"{other} {good['webhook-signature']}"}, body, True),
        ("another body", good, body + b" ", False),
        ("another id", {**good, "webhook-id": "0193510d"}, body, False),
        ("another secret", {**good, "webhook-signature": other}, body, False),
        ("old", headers(sent_at - dt.timedelta(minutes=6)), body, False),
        ("of the future", headers(sent_at + dt.timedelta(minutes=6)), body, False),
        ("no signature", {name: value for name, value in good.items() if name != "webhook-signature"}, body, False),
        ("no time", {name: value for name, value in good.items() if name != "webhook-timestamp"}, body, False),
        ("odd time", {**good, "webhook-timestamp": "demain"}, body, False),
        ("nothing", {}, body, False),
    ]
