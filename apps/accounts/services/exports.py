"""Archives of somebody's own data."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
import zipfile
from typing import IO

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q

from apps.accounts import events as accounts_events
from apps.accounts.choices import ExportState, SecurityEventKind
from apps.accounts.models import DataExport, User
from apps.accounts.origins import Origin
from apps.accounts.personal_data import sources
from apps.accounts.services.security import record_security_event
from apps.core import events

KEPT_FOR = dt.timedelta(days=7)
FRESH = dt.timedelta(hours=1)
# A worker that takes longer is dead, or the archive would be of no use.
GIVEN_UP_AFTER = dt.timedelta(hours=6)


@transaction.atomic
def request_export(*, user: User, origin: Origin, at: dt.datetime) -> DataExport:
    """Have an archive made; one that is being made, or is an hour old at most, is as good."""
    User.objects.select_for_update().get(pk=user.pk)
    known = DataExport.objects.filter(user=user).filter(
        Q(state=ExportState.PENDING) | Q(state=ExportState.READY, requested_at__gt=at - FRESH)
    )
    export = known.first()
    if export is None:
        export = DataExport.objects.create(user=user, requested_at=at)
        record_security_event(user_id=user.pk, kind=SecurityEventKind.EXPORT_REQUESTED, origin=origin)
        events.publish(accounts_events.data_export_requested, key=user.pk, export_id=str(export.pk))
    return export


def make_export(*, export_id: uuid.UUID, at: dt.datetime) -> bool:
    """Write the archive; False when there is nothing to do. Harmless when repeated."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=ExportState.PENDING).first()
    if export is None:
        return False
    with tempfile.TemporaryFile() as target:
        _write_archive(export.user, target)
        with transaction.atomic():
            locked = DataExport.objects.select_for_update().get(pk=export_id)
            if locked.state != ExportState.PENDING:
                return False
            target.seek(0)
            locked.file.save(f"{export_id}.zip", File(target), save=False)
            locked.state, locked.size, locked.expires_at = ExportState.READY, locked.file.size, at + KEPT_FOR
            locked.save(update_fields=["file", "state", "size", "expires_at"])
            events.publish(accounts_events.data_export_ready, key=locked.user_id, export_id=str(export_id), user_id=str(locked.user_id))
    return True


def expire_exports(*, at: dt.datetime) -> int:
    """Remove archives after a week, and give up those that nobody finished; returns how many."""
    DataExport.objects.filter(state=ExportState.PENDING, requested_at__lt=at - GIVEN_UP_AFTER).update(state=ExportState.FAILED)
    old = list(DataExport.objects.filter(state=ExportState.READY, expires_at__lt=at)[:500])
    for export in old:
        remove_file(export)
    return len(old)


def remove_file(export: DataExport) -> None:
    """The archive goes first: a row that says that it is gone is never wrong."""
    export.file.delete(save=False)
    export.state = ExportState.EXPIRED
    export.save(update_fields=["file", "state"])


def _write_archive(user: User, target: IO[bytes]) -> None:
    """One JSON file for each source. Rows are written one by one: an archive may be larger than memory."""
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sources().items():
            with archive.open(f"{name}.json", "w") as file:
                file.write(b"[")
                for number, row in enumerate(source(user)):
                    file.write((",\n" if number else "\n").encode() + encoder.encode(row).encode())
                file.write(b"\n]\n")
