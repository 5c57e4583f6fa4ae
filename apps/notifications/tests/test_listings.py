"""Owners are told what staff decided on their listings, what became of them, and how their week was."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.choices import Dimension, ReportFormat, ReportPeriod, ReportState
from apps.analytics.models import ListingDay, Report
from apps.catalog.choices import ModerationReason, Status
from apps.catalog.services import moderation
from apps.catalog.services.staff import save_fields
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.core.tasks import sweep_outbox
from apps.ingestion.services.batches import TOLD_FROM
from apps.ingestion.tests.factories import make_source
from apps.notifications import telling_listings, telling_reports
from apps.notifications.models import Notification
from apps.notifications.services import sending

pytestmark = pytest.mark.django_db
AT = timezone.now()


def told(user: User) -> list[str]:
    """Names of what somebody was told, oldest first; the mails left, too."""
    sweep_outbox()
    sending.sweep_deliveries(at=timezone.now() + dt.timedelta(seconds=1))
    rows = Notification.objects.filter(user=user).order_by("created_at", "pk")
    assert {tuple(one.to) for one in mail.outbox} <= {(user.email,)}
    return list(rows.values_list("message", flat=True))


def test_every_decision_is_told_with_its_reason() -> None:
    owner, editor = make_user(), make_user(is_staff=True)
    listing = make_resource(user=owner, status=Status.PENDING, category=make_category(), city=make_city(), at=AT)
    moderation.reject_resource(resource_id=listing.pk, actor=editor, reason=ModerationReason.INCOMPLETE, note="Où est-ce ?", at=AT)
    assert told(owner) == ["listing_rejected"]
    assert "Où est-ce ?" in str(mail.outbox[0].body)
    assert "Informations insuffisantes" in str(mail.outbox[0].body)
    moderation.publish_resource(resource_id=listing.pk, actor=editor, reason=ModerationReason.COMPLETE, at=AT)
    assert told(owner)[-1] == "listing_published"
    moderation.suspend_resource(resource_id=listing.pk, actor=editor, reason=ModerationReason.FORBIDDEN, at=AT)
    assert told(owner)[-1] == "listing_suspended"
    moderation.publish_resource(resource_id=listing.pk, actor=editor, reason=ModerationReason.APPEAL_GRANTED, at=AT)
    assert told(owner)[-1] == "listing_restored"
    moderation.archive_resource(resource_id=listing.pk, actor=editor, reason=ModerationReason.DUPLICATE, at=AT)
    assert told(owner)[-1] == "listing_archived"
    assert told(owner) == ["listing_rejected", "listing_published", "listing_suspended", "listing_restored", "listing_archived"]


def test_nobody_is_told_what_he_decided_himself() -> None:
    owner = make_user()
    listing = make_resource(user=owner, status=Status.ACTIVE, at=AT)
    moderation.archive_resource(resource_id=listing.pk, actor=owner, reason=ModerationReason.OWNER_REQUEST, at=AT)
    assert told(owner) == []


def test_the_mark_of_what_was_checked() -> None:
    owner = make_user()
    listing = make_resource(user=owner, status=Status.ACTIVE, at=AT)
    listing.verified = True
    save_fields(resource=listing, fields=["verified"], at=AT)
    save_fields(resource=listing, fields=["verified"], at=AT)
    assert told(owner) == ["listing_verified"]


def test_a_merged_listing() -> None:
    owner = make_user()
    absorbed, survivor = make_resource(user=owner, at=AT, name="Chez Awa"), make_resource(at=AT, name="Chez Awa, Akwa")
    for _ in range(2):
        telling_listings.tell_merged(survivor_id=survivor.pk, absorbed_id=absorbed.pk, at=AT)
    telling_listings.tell_unmerged(absorbed_id=absorbed.pk, at=AT)
    assert told(owner) == ["listing_merged", "listing_unmerged"]
    assert "Chez Awa, Akwa" in str(mail.outbox[0].subject)


def test_a_batch_that_lost_much_is_told_once_a_day() -> None:
    desk = make_user(is_staff=True)
    desk.user_permissions.add(Permission.objects.get(codename="change_source"))
    source = make_source(name="Annuaire")
    for _ in range(2):
        batch = source.batches.create(received=30, rejected=TOLD_FROM, created_at=AT)
        telling_listings.tell_batch_rejected(batch_id=batch.pk, at=AT)
    assert told(desk) == ["batch_rejected"]


def test_keys_that_end_are_told_a_week_and_a_day_before() -> None:
    owner = make_user()
    key, _secret = make_key(owner, expires_at=AT + dt.timedelta(days=6), name="Caisse")
    make_key(owner, expires_at=AT + dt.timedelta(days=20))
    assert [telling_reports.tell_expiring_keys(at=AT) for _ in range(2)] == [1, 0]
    assert telling_reports.tell_expiring_keys(at=AT + dt.timedelta(days=5, hours=1)) == 1
    assert telling_reports.tell_expiring_keys(at=AT + dt.timedelta(days=7)) == 0, "it is over"
    rows = Notification.objects.filter(user=owner, message="key_expiring").order_by("pk")
    assert [row.context["days"] for row in rows] == [7, 1]
    assert {row.context["key_name"] for row in rows} == {key.name}


def test_the_week_of_an_owner() -> None:
    monday = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
    owner, quiet = make_user(), make_user()
    best, other = (make_resource(user=owner, at=AT, name=name, status=Status.ACTIVE) for name in ("Chez Awa", "Chez Ada"))
    make_resource(user=quiet, at=AT, status=Status.ACTIVE)
    for listing, day, views, calls in ((best, 16, 30, 2), (best, 22, 12, 1), (other, 18, 5, 0), (best, 15, 7, 4), (best, 23, 900, 9)):
        ListingDay.objects.create(
            resource_number=listing.number, day=dt.date(2026, 11, day), views=views, calls=calls, contacts=calls, last_at=AT
        )
    assert telling_reports.tell_weekly_summaries(at=monday - dt.timedelta(hours=3)) == 0, "not before seven in Douala"
    assert [telling_reports.tell_weekly_summaries(at=monday + dt.timedelta(days=late)) for late in (0, 0, 2)] == [1, 0, 0]
    row = Notification.objects.get(message="weekly_summary")
    expected = {"views": 47, "views_before": 7, "contacts": 3, "contacts_before": 4, "best": "Chez Awa", "listings": 2}
    assert {key: row.context[key] for key in expected} == expected
    assert row.user == owner


def test_a_report_is_told_with_a_link_that_opens_it(client: Client) -> None:
    owner = make_user()
    waited = make_report(owner, seconds=90)
    seen = make_report(owner, seconds=5)
    for report in (waited, seen):
        for _ in range(2):
            telling_reports.tell_report_ready(report_id=report.pk, scheduled=False, at=AT)
    assert told(owner) == ["report_ready"], "whoever waits before the page is not told"
    page = f"/fr/compte/statistiques/rapports/{waited.pk}/"
    assert f"http://testserver{page}" in str(mail.outbox[0].body)
    assert Notification.objects.get(user=owner).url == f"http://testserver{page}", "the inbox leads there, too"
    client.force_login(owner)
    assert f'href="{page}fichier/"' in client.get(page).content.decode()
    client.logout()
    link = re.search(r"http://testserver(/api/\S+signature=\S+)", str(mail.outbox[0].body))
    assert link is not None
    answer = client.get(link[1])
    assert (answer.status_code, b"".join(answer)) == (200, b"ville;vues")
    assert "signature" not in str(Notification.objects.get(user=owner).context), "what opens it is not kept"
    telling_reports.tell_report_ready(report_id=seen.pk, scheduled=True, at=AT)
    assert len(told(owner)) == 2
    for report in (waited, seen):
        report.file.delete(save=False)


def test_a_report_that_could_not_be_made_is_told_once() -> None:
    owner = make_user()
    report = make_report(owner, seconds=400)
    telling_reports.tell_report_failed(report_id=report.pk, at=AT)
    assert told(owner) == [], "it was made meanwhile"
    Report.objects.update(state=ReportState.FAILED)
    for _ in range(2):
        telling_reports.tell_report_failed(report_id=report.pk, at=AT)
    assert told(owner) == ["report_failed"]
    assert f"/fr/compte/statistiques/rapports/{report.pk}/" in str(mail.outbox[0].body)
    report.file.delete(save=False)


def make_report(owner: User, *, seconds: int) -> Report:
    report = Report(
        user=owner, name="Vues par ville", metrics=["views"], dimension=Dimension.CITY, period=ReportPeriod.values[0], first=AT.date(),
        last=AT.date(), format=ReportFormat.CSV, state=ReportState.READY, progress=100, attempt=1, created_at=AT, touched_at=AT,
        finished_at=AT + dt.timedelta(seconds=seconds), expires_at=AT + dt.timedelta(days=7),
    )  # fmt: skip
    report.file.save(f"{report.pk}.csv", ContentFile(b"ville;vues"), save=False)
    report.save(force_insert=True)
    return report
