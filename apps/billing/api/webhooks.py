"""The addresses that operators call. Anybody can: they store, answer and believe nothing.

Plain Django views: what a caller sends is not read as the API reads its calls, and every answer is the same empty 200,
so that nobody learns anything. Only a body beyond 64 KiB is refused, unread.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.billing.constants import CALLBACK_BODY_MAX
from apps.billing.providers.port import Callback
from apps.billing.providers.registry import configured
from apps.billing.providers.registry import provider as provider_with
from apps.billing.services import callbacks
from apps.core.clock import now

# Of a length that is worth reading as a number.
_DIGITS_MAX = 12


@csrf_exempt
@require_http_methods(["POST", "PUT"])
def payment_webhook(request: HttpRequest, provider: str = "", token: str = "") -> HttpResponse:
    """200 and nothing else, whatever came; 413 for more than 64 KiB."""
    body = _body(request)
    if body is None:
        return HttpResponse(status=413)
    callback = Callback(method=str(request.method), path=request.path, body=body, headers=dict(request.headers))
    known = [] if token else [provider_with(code) for code in configured()]
    callbacks.receive(token=token, provider=provider, callback=callback, providers=known, at=now())
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes | None:
    """The whole body; None when it is longer than we take, of which nothing beyond is read.

    Django reads a body without a length as empty; the server marks those that it ends by itself (`wsgi.input_terminated`).
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and (len(length) > _DIGITS_MAX or int(length) > CALLBACK_BODY_MAX):
        return None
    ends_itself = not length and request.META.get("wsgi.input_terminated")
    stream = request.META["wsgi.input"] if ends_itself else request
    try:
        body: bytes = stream.read(CALLBACK_BODY_MAX + 1)
    except OSError:
        # The sender went away in the middle.
        return b""
    return body if len(body) <= CALLBACK_BODY_MAX else None
