"""An archive of everything, a new one at most once an hour; the end of an account, and where it is logged in."""

from __future__ import annotations

import datetime as dt
import json
import uuid
import zipfile
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.choices import ExportState, SecurityEventKind
from apps.accounts.models import ApiKey, DataExport, PhoneCode, SecurityEvent, TokenFamily, User
from apps.accounts.origins import NOWHERE
from apps.accounts.services.closure import cancel_deletion, delete_account, delete_due_accounts, request_deletion
from apps.accounts.services.devices import end_others, end_session
from apps.accounts.services.exports import expire_exports, make_export, request_export
from apps.accounts.tests.factories import PASSWORD, log_in, make_key, make_user
from apps.core.exceptions import NotFound

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Archives of these tests."""
    monkeypatch.setattr(DataExport._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))
    return tmp_path


@pytest.fixture
def user() -> User:
    user = make_user(email="awa@exemple.cm")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def ask(user: User, at: dt.datetime = AT) -> DataExport:
    return request_export(user=user, origin=NOWHERE, at=at)


def browser_of(user: User) -> Client:
    """A browser that logged in on the page."""
    client = Client()
    assert client.post("/fr/compte/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def kinds(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True))


def test_an_archive_holds_what_we_know_of_its_owner_alone(user: User) -> None:
    _key, secret = make_key(user, name="Caisse")
    stranger = make_user(email="inconnu@exemple.cm")
    make_key(stranger, name="Pas à moi")
    export = ask(user)
    assert make_export(export_id=export.pk, at=AT)
    assert not make_export(export_id=export.pk, at=AT), "once"
    assert not make_export(export_id=uuid.uuid4(), at=AT)
    export.refresh_from_db()
    assert (export.state, export.expires_at) == (ExportState.READY, AT + dt.timedelta(days=7))
    with export.file.open("rb") as stored, zipfile.ZipFile(stored) as archive:
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert files["account.json"][0]["email"] == "awa@exemple.cm"
    assert [key["name"] for key in files["api_keys.json"]] == ["Caisse"]
    assert {"messages.json", "security_events.json", "sessions.json", "api_usage.json", "applications.json"} <= set(files)
    everything = json.dumps(files)
    for hidden in (secret, "inconnu@exemple.cm", "Pas à moi", user.password, "key_hash"):
        assert hidden not in everything


def test_one_archive_at_a_time_and_one_an_hour(user: User) -> None:
    first = ask(user)
    assert ask(user) == first
    make_export(export_id=first.pk, at=AT)
    assert ask(user, AT + dt.timedelta(minutes=59)) == first
    assert ask(user, AT + dt.timedelta(hours=2)) != first
    assert kinds(user) == [SecurityEventKind.EXPORT_REQUESTED] * 2
    assert ask(make_user()) != first


def test_archives_do_not_stay(user: User, folder: Path) -> None:
    ready = ask(user)
    make_export(export_id=ready.pk, at=AT)
    stuck = ask(make_user())
    assert len(list(folder.rglob("*.zip"))) == 1
    assert expire_exports(at=AT + dt.timedelta(days=8)) == 1
    ready.refresh_from_db()
    stuck.refresh_from_db()
    assert (ready.state, stuck.state) == (ExportState.EXPIRED, ExportState.FAILED)
    assert list(folder.rglob("*.zip")) == []


def test_an_account_ends_after_thirty_days(user: User, folder: Path) -> None:
    key, _secret = make_key(user)
    log_in(user)
    PhoneCode.objects.create(user=user, phone="+237670000011", code_hash="x", sent_at=AT, day=AT.date())
    browser_of(user)
    totp.TOTP.activate(user, totp.generate_totp_secret())
    make_export(export_id=ask(user).pk, at=AT)
    due = request_deletion(user=user, origin=NOWHERE, at=AT).deletion_due_at
    assert due == AT + dt.timedelta(days=30)
    assert request_deletion(user=user, origin=NOWHERE, at=AT + dt.timedelta(days=3)).deletion_due_at == due, "the first day counts"
    assert delete_due_accounts(at=due - dt.timedelta(seconds=1)) == 0
    assert delete_due_accounts(at=due) == 1
    assert delete_due_accounts(at=due) == 0
    user.refresh_from_db()
    assert (user.email, user.name, user.phone, user.is_active) == (f"{user.pk}@deleted.invalid", "–", "", False)
    assert not user.has_usable_password()
    assert not ApiKey.objects.get(pk=key.pk).is_active
    for rows in (EmailAddress.objects, PhoneCode.objects, UserSession.objects, TokenFamily.objects.filter(revoked_at=None)):
        assert not rows.filter(user=user).exists()
    assert not Session.objects.exists()
    assert list(folder.rglob("*.zip")) == []
    assert kinds(user)[-1] == SecurityEventKind.DELETED
    assert "awa@exemple.cm" not in str(list(SecurityEvent.objects.filter(user=user).values()))


def test_a_changed_mind_keeps_the_account(user: User) -> None:
    due = request_deletion(user=user, origin=NOWHERE, at=AT).deletion_due_at
    assert due is not None
    for _number in range(2):
        assert cancel_deletion(user=user, origin=NOWHERE).deletion_due_at is None
    assert not delete_account(user_id=user.pk, at=due)
    assert kinds(user) == [SecurityEventKind.DELETION_REQUESTED, SecurityEventKind.DELETION_CANCELLED]


def test_devices_end_one_by_one_and_all_but_this_one(user: User) -> None:
    mine, phone, tablet = (browser_of(user) for _number in range(3))
    log_in(user, at=timezone.now())
    one = UserSession.objects.get(session_key=phone.session.session_key)
    with pytest.raises(NotFound):
        end_session(user=make_user(), session_id=one.pk, origin=NOWHERE)
    end_session(user=user, session_id=one.pk, origin=NOWHERE)
    with pytest.raises(NotFound):
        end_session(user=user, session_id=one.pk, origin=NOWHERE)
    assert [client.get("/fr/compte/").status_code for client in (mine, phone, tablet)] == [200, 302, 200]
    key = str(mine.session.session_key)
    assert end_others(user=user, session_key=key, origin=NOWHERE, at=timezone.now()) == 2
    assert end_others(user=user, session_key=key, origin=NOWHERE, at=timezone.now()) == 0
    assert [client.get("/fr/compte/").status_code for client in (mine, tablet)] == [200, 302]
    assert not TokenFamily.objects.filter(user=user, revoked_at=None).exists()


@pytest.mark.parametrize("statement", ["UPDATE accounts_securityevent SET kind = 'logged_in'", "DELETE FROM accounts_securityevent"])
def test_nobody_rewrites_what_happened(user: User, statement: str) -> None:
    request_deletion(user=user, origin=NOWHERE, at=AT)
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert kinds(user) == [SecurityEventKind.DELETION_REQUESTED]
