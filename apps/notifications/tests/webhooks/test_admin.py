"""Staff look at webhooks; nobody writes there, and no secret is shown."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core.clock import now
from apps.notifications.models import WebhookAttempt
from apps.notifications.tests.webhooks.receiver import make_delivery, make_endpoint


@pytest.mark.django_db
def test_it_works(client: Client) -> None:
    client.force_login(User.objects.create_superuser("chef@exemple.cm", name="Chef"))
    endpoint, secret = make_endpoint()
    row = make_delivery(endpoint)
    WebhookAttempt.objects.create(delivery=row, at=now(), status=500, error="status", answer="<b>non</b>")
    for path in ("webhookendpoint/", f"webhookendpoint/{endpoint.pk}/change/", "webhookdelivery/", f"webhookdelivery/{row.pk}/change/"):
        page = client.get(f"/admin/notifications/{path}")
        assert page.status_code == 200, path
        text = page.content.decode()
        assert secret not in text
        assert endpoint.secrets.get().sealed not in text
        assert "<b>non</b>" not in text
    for path in ("webhookendpoint/add/", f"webhookendpoint/{endpoint.pk}/delete/", "webhookdelivery/add/"):
        assert client.get(f"/admin/notifications/{path}").status_code == 403, path
    assert client.post(f"/admin/notifications/webhookendpoint/{endpoint.pk}/change/", {"url": "https://x.cm"}).status_code == 403
