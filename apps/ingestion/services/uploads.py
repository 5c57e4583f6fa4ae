"""Files that staff uploads: kept, their columns named, tried without leaving a trace, then taken as a batch."""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import itertools
import tempfile
import uuid
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog
from django.core.files import File
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core import events
from apps.core.clock import now
from apps.core.exceptions import Conflict, DomainError
from apps.ingestion.choices import Outcome, UploadState
from apps.ingestion.events import upload_named
from apps.ingestion.exceptions import UploadUnreadable
from apps.ingestion.models import Batch, Source, Upload
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import Row
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.pipeline import CHUNK
from apps.ingestion.sources.columns import COLUMN_FIELDS, KEPT, LEFT_OUT, column_key, guess, to_record
from apps.ingestion.sources.files import is_known, read_rows
from apps.ingestion.sources.rows import UnreadableRow

logger = structlog.get_logger(__name__)

FILE_MAX_BYTES, DECODED_MAX_BYTES, ROWS_MAX = 50_000_000, 500_000_000, 500_000
COLUMNS_MAX, NAME_MAX, SAMPLE_ROWS, SAMPLES, SAMPLE_MAX = 100, 120, 1000, 3, 60
REFUSED_SHOWN, REFUSED_TEXT = 50, 300
LEASE, KEPT_FOR, SHOWN_FOR = dt.timedelta(minutes=3), dt.timedelta(days=7), dt.timedelta(days=90)
_PRUNED = 500
_BLOCK = 1 << 20


@transaction.atomic
def receive(*, source: Source, file: File[bytes], user: User, at: dt.datetime) -> Upload:
    """Keep a file and guess what its columns are.

    :raises SourceClosed: see `batches.check_open`. :raises UploadUnreadable: it is no table, and why.
    """
    batches.check_open(source, at=at)
    name = Path(str(file.name)).name[-200:]
    if not is_known(name):
        raise UploadUnreadable(_("Fichiers lus : .xlsx, .csv, .tsv, .ndjson, .jsonl et .geojson. Un ancien .xls s’enregistre en .xlsx."))
    if (file.size or 0) > FILE_MAX_BYTES:
        raise UploadUnreadable(_("Le fichier dépasse %(most)s Mo : partagez-le.") % {"most": FILE_MAX_BYTES // 1_000_000})
    upload = Upload(source=source, user=user, name=name, created_at=at)
    upload.file.save(f"{upload.pk}{''.join(Path(name).suffixes[-2:])[-20:].lower()}", file, save=False)
    try:
        upload.encoding = _encoding_of(upload)
        upload.columns = _columns_of(upload)
        upload.mapping = guess([column["name"] for column in upload.columns], source.column_fields)
        upload.save(force_insert=True)
    except (UploadUnreadable, DatabaseError):
        upload.file.delete(save=False)
        raise
    return upload


@transaction.atomic
def choose(*, upload_id: uuid.UUID, mapping: Mapping[str, str], is_full: bool, at: dt.datetime) -> Upload:
    """Name the columns, remember them for the source, and have the import tried.

    :raises Conflict: it is tried now, was imported, or its file is gone; or no column has the names.
    """
    upload = Upload.objects.select_for_update(of=("self",)).select_related("source").get(pk=upload_id)
    if upload.state == UploadState.TAKEN or not upload.file:
        raise Conflict(_("Ce fichier a déjà été importé, ou n’est plus gardé."))
    if _is_held(upload, at=at):
        raise Conflict(_("Un essai est en cours : attendez sa fin."))
    known = {column["name"] for column in upload.columns}
    chosen = {name: field for name, field in mapping.items() if name in known and field in {*COLUMN_FIELDS, KEPT, LEFT_OUT}}
    if "name" not in chosen.values():
        raise Conflict(_("Dites quelle colonne donne le nom."))
    upload.mapping, upload.is_full, upload.state, upload.lease_until = chosen, is_full, UploadState.CHECKING, None
    upload.rows, upload.counts, upload.remarks, upload.refused, upload.error = 0, {}, {}, [], ""
    upload.save()
    upload.source.column_fields = {**upload.source.column_fields, **{column_key(name): field for name, field in chosen.items()}}
    upload.source.save(update_fields=["column_fields", "updated_at"])
    events.publish(upload_named, key=upload.pk, upload_id=str(upload.pk))
    return upload


def try_out(*, upload_id: uuid.UUID) -> Upload | None:
    """Find out what an import would do: every row takes the path of a record, and nothing of it stays.

    Rows are tried a thousand at a time, so that one which is twice in a file, far apart, counts as new twice.

    :returns: the upload; None when it need not be tried, or another worker does.
    """
    upload = _claim(upload_id, at=now())
    if upload is None:
        return None
    try:
        with tempfile.TemporaryFile() as spool:
            _rehearse(upload, spool)
            spool.seek(0)
            _finish(upload, spool)
    except DomainError as error:
        _fail(upload, str(error.detail))
    except Exception as error:
        _fail(upload, type(error).__name__)
        raise
    return upload


@transaction.atomic
def take(*, upload_id: uuid.UUID, user: User, at: dt.datetime) -> Batch:
    """Import a file that was tried: a batch, which a worker takes and goes on with after a break. Harmless when repeated.

    :raises Conflict: it was not tried. :raises SourceClosed: see `batches.check_open`.
    """
    upload = Upload.objects.select_for_update(of=("self",)).select_related("source", "batch").get(pk=upload_id)
    if upload.batch is not None:
        return upload.batch
    if upload.state != UploadState.CHECKED:
        raise Conflict(_("Essayez d’abord l’import."))
    with upload.lines.open("rb") as lines:
        batch = batches.queue(
            source=upload.source, lines=lines, received=upload.rows, at=at, sent_by=f"{user} · {upload.name}", is_full=upload.is_full
        )
    upload.state, upload.batch = UploadState.TAKEN, batch
    names = _forget_files(upload)
    upload.save()
    transaction.on_commit(lambda: _delete(names))
    return batch


def waiting(*, at: dt.datetime) -> list[uuid.UUID]:
    """Uploads that wait to be tried, or whose worker died."""
    held = Upload.objects.filter(state=UploadState.CHECKING, created_at__gt=at - KEPT_FOR).exclude(lease_until__gt=at)
    return list(held.order_by("created_at").values_list("pk", flat=True)[:20])


def prune(*, at: dt.datetime) -> int:
    """Delete the files of what was not imported within a week, and what is older than 90 days; returns how many uploads."""
    count = 0
    for upload in Upload.objects.filter(created_at__lt=at - KEPT_FOR).exclude(file="", lines="").order_by("pk")[:_PRUNED]:
        names = _forget_files(upload)
        upload.state = upload.state if upload.state == UploadState.TAKEN else UploadState.NEW
        upload.save()
        _delete(names)
        count += 1
    return count + Upload.objects.filter(created_at__lt=at - SHOWN_FOR, file="", lines="").delete()[0]


def _is_held(upload: Upload, *, at: dt.datetime) -> bool:
    return upload.state == UploadState.CHECKING and upload.lease_until is not None and upload.lease_until > at


@transaction.atomic
def _claim(upload_id: uuid.UUID, *, at: dt.datetime) -> Upload | None:
    waits = Upload.objects.filter(pk=upload_id, state=UploadState.CHECKING).exclude(file="").exclude(lease_until__gt=at)
    upload = waits.select_for_update(skip_locked=True, of=("self",)).select_related("source").first()
    if upload is not None:
        upload.lease_until = at + LEASE
        upload.save(update_fields=["lease_until"])
    return upload


def _rehearse(upload: Upload, spool: IO[bytes]) -> None:
    """Write the records down, and count what would become of them."""
    counts: Counter[str] = Counter()
    remarks: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    upload.rows = 0
    context = read_context(upload.source, is_fresh=True)
    numbered = _numbered_lines(upload)
    while chunk := list(itertools.islice(numbered, CHUNK)):
        spool.writelines(line + b"\n" for _number, line in chunk)
        rows = [Row(index, line) for index, (_number, line) in enumerate(chunk)]
        at = now()
        for item in batches.rehearse(source=upload.source, rows=rows, context=context, at=at):
            counts[item.outcome.value] += 1
            remarks.update(reason.code for reason in item.reasons)
            if item.outcome == Outcome.REJECTED and len(refused) < REFUSED_SHOWN:
                number, line = chunk[item.index]
                said = msgspec.to_builtins(item.reasons)
                refused.append({"row": number, "text": line[:REFUSED_TEXT].decode("utf-8", "replace"), "reasons": said})
        upload.rows += len(chunk)
        if spool.tell() > DECODED_MAX_BYTES or upload.rows > ROWS_MAX:
            raise UploadUnreadable(_("Le fichier a plus de %(most)s lignes, ou est trop grand : partagez-le.") % {"most": ROWS_MAX})
        upload.counts, upload.remarks, upload.refused, upload.lease_until = dict(counts), dict(remarks.most_common(20)), refused, at + LEASE
        upload.save(update_fields=["rows", "counts", "remarks", "refused", "lease_until"])


def _finish(upload: Upload, spool: IO[bytes]) -> None:
    if not upload.rows:
        raise UploadUnreadable(_("Aucune ligne sous l’en-tête."))
    former = upload.lines.name
    upload.lines.save(f"{upload.pk}.lines", File(spool), save=False)
    upload.state, upload.lease_until = UploadState.CHECKED, None
    upload.save()
    _delete([former] if former and former != upload.lines.name else [])


def _fail(upload: Upload, error: str) -> None:
    logger.warning("upload_not_tried", upload=str(upload.pk), error=error)
    upload.state, upload.error, upload.lease_until = UploadState.FAILED, error[:255], None
    upload.save(update_fields=["state", "error", "lease_until"])


def _numbered_lines(upload: Upload) -> Iterator[tuple[int, bytes]]:
    """Records as JSON. What is unreadable becomes a text that says so: the batch refuses it, and counts it."""
    mapping = {column["name"]: upload.mapping.get(column["name"], LEFT_OUT) for column in upload.columns}
    for number, row in _rows(upload):
        if isinstance(row, dict):
            yield number, msgspec.json.encode(to_record(row, mapping))
        else:
            said = f"{row.reason} {row.detail}" if isinstance(row, UnreadableRow) else type(row).__name__
            yield number, msgspec.json.encode(f"{upload.name}, {number}: {said}")


def _rows(upload: Upload) -> Iterator[tuple[int, Any]]:
    with upload.file.open("rb") as raw:
        stream = _unpacked(raw)
        yield from read_rows(Path(upload.name), stream, encoding=upload.encoding, needs_name=False)


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    raw.seek(0)
    is_gzip = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[return-value]  # it reads as IO[bytes]


def _encoding_of(upload: Upload) -> str:
    """A table that is no UTF-8 was saved by a spreadsheet of Windows."""
    if not upload.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")):
        return "utf-8"
    decoder, seen = codecs.getincrementaldecoder("utf-8")(), 0
    with upload.file.open("rb") as raw:
        stream = _unpacked(raw)
        try:
            while block := stream.read(_BLOCK):
                seen += len(block)
                if seen > DECODED_MAX_BYTES:
                    raise UploadUnreadable(_("Le fichier est trop grand une fois décomprimé."))
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
        except (OSError, EOFError, zlib.error):
            # Reading its rows says what is wrong.
            return "utf-8"
    return "utf-8"


def _columns_of(upload: Upload) -> list[dict[str, Any]]:
    """Names of columns with some of what stands in them. :raises UploadUnreadable: there is no table."""
    samples: dict[str, list[str]] = {}
    trouble = ""
    for _number, row in itertools.islice(_rows(upload), SAMPLE_ROWS):
        if not isinstance(row, dict):
            trouble = trouble or (f"{row.reason} {row.detail}" if isinstance(row, UnreadableRow) else "not_an_object")
            continue
        for name, value in row.items():
            if "\x00" in name or len(name) > NAME_MAX or (name not in samples and len(samples) >= COLUMNS_MAX):
                continue
            held = samples.setdefault(name, [])
            text = _shown(value)
            if text and text not in held and len(held) < SAMPLES:
                held.append(text)
    if not samples:
        said = trouble or _("il est vide, ou n’a que son en-tête")
        raise UploadUnreadable(_("Le fichier ne peut pas être lu : %(why)s.") % {"why": said})
    return [{"name": name, "samples": texts} for name, texts in samples.items()]


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode() if value is not None else ""
    return " ".join(text.replace("\x00", "").split())[:SAMPLE_MAX]


def _forget_files(upload: Upload) -> Sequence[str]:
    names = [held.name for held in (upload.file, upload.lines) if held.name]
    upload.file, upload.lines = "", ""
    return names


def _delete(names: Sequence[str]) -> None:
    storage = Upload._meta.get_field("file").storage  # noqa: SLF001  Django's documented way to a field
    for name in names:
        storage.delete(name)
