"""Staff is told of a source that was paused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.utils import timezone

from apps.accounts.tests.factories import make_user
from apps.core.tasks import sweep_outbox
from apps.ingestion.services.sources import pause_source
from apps.ingestion.tests.factories import make_source
from apps.notifications.services import sending

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works() -> None:
    desk, watcher = make_user(is_staff=True), make_user(is_staff=True)
    desk.user_permissions.add(Permission.objects.get(codename="change_source"))
    make_user()
    source = make_source(name="Annuaire")
    for _time in range(2):
        pause_source(source_id=source.pk, reason="Trop de refus.", at=timezone.now())
        sweep_outbox()
        sending.sweep_deliveries(at=timezone.now())
    (message,) = mail.outbox
    assert message.to == [desk.email]
    assert watcher.email not in message.to
    assert "La source Annuaire est en pause" in message.subject
    assert "Trop de refus." in message.body
    assert f"/admin/ingestion/source/{source.pk}/change/" in message.body
