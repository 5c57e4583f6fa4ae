"""The administration of ingestion in Chromium: nothing hidden sideways on a desk, whole on a phone, and no fault that axe finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.catalog.tests.factories import AT, make_category, make_city, make_resource
from apps.ingestion.choices import BatchState, Outcome, Policy, SourceKind, UploadState
from apps.ingestion.models import BatchItem, CategoryWord, Merge, Proposal, RawRecord, Upload
from apps.ingestion.tests.factories import make_batch, make_proposal, make_source
from tests.browser.looking import violations
from tests.browser.test_account import log_in, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser-account")]
DESK, PHONE = (1280, 900), (390, 844)
REASONS = [
    {"field": "phones", "code": "phone_incomplete", "detail": "699 12"},
    {"field": "position", "code": "position_far_from_city", "detail": "62 km: douala"},
    {"field": "", "code": "review", "detail": ""},
]
COUNTS = {"created": 6897, "updated": 271, "unchanged": 1209, "merged": 2994, "duplicate_suspected": 182, "rejected": 281}


def make_rows() -> dict[str, Any]:
    """A row of each kind, with texts as long as they come."""
    source = make_source(
        slug="annuaire-des-pharmacies", name="Annuaire des pharmacies de garde du Cameroun", licence="Creative Commons Attribution 4.0",
        kind=SourceKind.CSS, url="https://annuaire.exemple.cm/pharmacies/liste/", policy=Policy.REVIEW, every_hours=24,
        attribution="© Annuaire des pharmacies de garde du Cameroun", recipe={"block": "li.item", "fields": {"name": "h2"}},
    )  # fmt: skip
    batch = make_batch(source, state=BatchState.DONE, finished_at=AT, started_at=AT, received=11834, done=11834, sent_by="key:…", **COUNTS)
    make_batch(source, state=BatchState.FAILED, finished_at=AT, received=1000, done=400, error="OperationalError")
    entry = make_resource(name="Pharmacie du Soleil Levant", category=make_category(slug="autres", name_fr="Pharmacies"))
    city = make_city(name_fr="Yaoundé")
    common: dict[str, Any] = {"source": source, "payload_hash": b"0" * 16, "first_seen_at": AT, "seen_at": AT, "changed_at": AT}
    record = RawRecord.objects.create(
        identity="node/4823511236", origin="osm_health_2026", resource=entry, outcome=Outcome.CREATED, reasons=REASONS,
        payload=b'{"name": "Pharmacie du Soleil Levant", "phone": "699 12"}', clean={"name": "Pharmacie du Soleil Levant"},
        steps=[{"name": "phones", "field": "phones", "before": "699 12 / 233 42 00 00", "after": "+237233420000"}], **common,
    )  # fmt: skip
    aside = RawRecord.objects.create(
        identity=f"sha:{'0123456789abcdef' * 2}", outcome=Outcome.REJECTED, is_quarantined=True, payload=b'{"a": \xff<script>', **common,
        reasons=[{"field": "", "code": "not_json", "detail": "JSON is malformed: invalid character (byte 6)"}],
    )  # fmt: skip
    BatchItem.objects.create(batch=batch, index=0, outcome=Outcome.CREATED, record=record, resource=entry, reasons=REASONS)
    BatchItem.objects.create(batch=batch, index=1, outcome=Outcome.REJECTED, record=aside, reasons=aside.reasons)
    proposal = make_proposal(entry, field="hours", value={str(day): [["07:30", "12:30"], ["14:00", "20:00"]] for day in range(7)})
    make_proposal(entry, field="city", value={"city_id": str(city.pk), "quarter_id": None})
    make_proposal(entry, field="phone", value=["+237233420000", "+237699000001", "+237677000002"])
    word = CategoryWord.objects.create(word="shop=mobile_money_et_transfert_d_argent", seen=1234, last_seen_at=AT)
    other = make_resource(name="PHCIE SOLEIL-LEVANT")
    merge = Merge.objects.create(survivor=entry, absorbed=other, before={}, merged_at=AT)
    upload = Upload.objects.create(
        source=source, name="Liste des pharmacies de garde de la région du Littoral 2026 (corrigée).xlsx", created_at=AT, rows=1234,
        file="uploads/a.xlsx", lines="uploads/a.lines", state=UploadState.CHECKED, counts=COUNTS, remarks={"phone_incomplete": 12},
        columns=[{"name": name, "samples": [name * 4, "699 00 00 01"]} for name in ("raison sociale", "téléphone 1", "tel (3)", "note")],
        mapping={"raison sociale": "name", "téléphone 1": "phone", "tel (3)": "phone", "note": ""},
        refused=[{"row": 17, "text": '{"name":"' + "x" * 200 + '"}', "reasons": REASONS}],
    )  # fmt: skip
    return {
        "upload": upload,
        "source": source,
        "batch": batch,
        "rawrecord": record,
        "proposal": proposal,
        "categoryword": word,
        "merge": merge,
        "aside": aside,
    }


def test_it_works(page: Page, live_server: LiveServer) -> None:
    user = make_person()
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    rows = make_rows()
    log_in(page, live_server)
    page.wait_for_url("**/compte/**")
    kinds = ("source", "batch", "rawrecord", "proposal", "categoryword", "merge", "upload")
    pages = {f"{kind}-list": reverse(f"admin:ingestion_{kind}_changelist") for kind in kinds}
    pages |= {kind: reverse(f"admin:ingestion_{kind}_change", args=[rows[kind].pk]) for kind in kinds}
    pages["items"] = f"{reverse('admin:ingestion_batchline_changelist')}?batch__id__exact={rows['batch'].pk}"
    pages["quarantine"] = f"{pages['rawrecord-list']}?is_quarantined__exact=1"
    pages["aside"] = reverse("admin:ingestion_rawrecord_change", args=[rows["aside"].pk])
    pages["upload-file"] = reverse("admin:ingestion_source_upload", args=[rows["source"].pk])
    pages["source-add"] = reverse("admin:ingestion_source_add")
    found: dict[str, list[str]] = {}
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for name, path in pages.items():
            page.goto(live_server.url + path)
            expect(page.locator("h1").first).to_be_visible()
            faults = [] if page.evaluate("document.documentElement.scrollWidth <= innerWidth") else ["wider than the window"]
            if width == DESK[0]:
                faults += violations(page)
                hidden = "[...document.querySelectorAll('.results')].some(box => box.scrollWidth > box.clientWidth + 1)"
                faults += ["columns hidden sideways"] if page.evaluate(hidden) else []
            if faults:
                found[f"{name} at {width}"] = faults
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert found == {}
    assert Proposal.objects.count() == 3
