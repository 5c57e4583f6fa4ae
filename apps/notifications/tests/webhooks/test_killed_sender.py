"""A worker that is killed while it asks: the message comes again, under the same id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from django.db import connection

from apps.core.clock import now
from apps.notifications.choices import WebhookState
from apps.notifications.services.webhooks import dispatching
from apps.notifications.tests.webhooks.receiver import NO_CONTENT, make_delivery, make_endpoint, receiving, send, verified

WORKER = """
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
from apps.core.clock import now
from apps.notifications.services.webhooks import dispatching
dispatching.dispatch(at=now())
"""


@pytest.mark.django_db(transaction=True)
def test_it_works() -> None:
    asked, over = threading.Event(), threading.Event()

    def keep_waiting(_connection: socket.socket, _head: bytes) -> None:
        asked.set()
        over.wait(60)

    with receiving(keep_waiting) as receiver:
        endpoint, secret = make_endpoint(receiver.url)
        row = make_delivery(endpoint)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.test"}
        worker = subprocess.Popen([sys.executable, "-c", WORKER.format(name=connection.settings_dict["NAME"])], env=environment)
        try:
            assert asked.wait(60), "the worker asked"
            assert dispatching.claim(at=now(), most=5) == [], "nobody else takes it meanwhile"
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        over.set()
        receiver.answer = NO_CONTENT
        row.refresh_from_db()
        assert (row.state, row.tries) == (WebhookState.PENDING, 0)
        assert send(now() + dispatching.CLAIM) == 1
    assert receiver.ids == [str(row.pk)] * 2
    assert receiver.messages[0][1] == receiver.messages[1][1]
    verified(secret, receiver.messages[1])
    row.refresh_from_db()
    assert row.state == WebhookState.DELIVERED
