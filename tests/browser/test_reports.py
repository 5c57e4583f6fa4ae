"""Reports of statistics in Chromium: on a phone and a desk, no fault that axe finds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.analytics.choices import ReportState
from apps.analytics.models import Report
from apps.analytics.services import reports
from apps.catalog.tests.factories import make_resource
from apps.core.clock import now
from tests.browser.looking import faults, first_visit
from tests.browser.test_account import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible(page: Page, live_server: LiveServer, console: list[str], width: int) -> None:
    make_resource(user=make_person(), name="Saveurs du Wouri")
    page.set_viewport_size({"width": width, "height": 900})
    # The list that asks again replaces what still fades, which ends the looking.
    page.emulate_media(reduced_motion="reduce")
    home = "/fr/compte/statistiques/rapports/"
    found: dict[str, list[str]] = {}
    log_in(page, live_server, home)
    expect(page.get_by_role("heading", name="Aucun rapport pour l’instant")).to_be_visible()
    found["empty"] = faults(page)
    page.get_by_role("link", name="Créer un rapport").click()
    found["form"] = faults(page)
    page.get_by_label("Nom du rapport").fill("Contacts du mois")
    page.get_by_label("Période").select_option("between")
    page.get_by_role("button", name="Préparer le rapport").click()
    expect(page.get_by_text("Indiquez cette date.").first).to_be_visible()
    found["refused"] = faults(page)
    page.get_by_label("Période").select_option("30d")
    page.get_by_role("button", name="Préparer le rapport").click()
    expect(page.get_by_text("Le rapport est en préparation.")).to_be_visible()
    # Work is done at once in tests: as if the worker had not come that far.
    Report.objects.update(state=ReportState.RUNNING, progress=40, touched_at=now() - reports.SILENT_FOR)
    page.goto(live_server.url + home)
    expect(page.get_by_role("progressbar", name="Avancement de Contacts du mois")).to_be_visible()
    found["waiting"] = faults(page)
    page.get_by_role("link", name="Contacts du mois", exact=True).click()
    expect(page.get_by_role("progressbar", name="Avancement de Contacts du mois")).to_be_visible()
    found["waiting page"] = faults(page)
    page.goto(live_server.url + home)
    reports.make_report(report_id=Report.objects.get().pk)
    # The list asks by itself.
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger Contacts du mois").click(timeout=20_000)
    assert download.value.suggested_filename.startswith("contacts-du-mois-")
    found["ready"] = faults(page)
    page.get_by_role("link", name="Contacts du mois", exact=True).click()
    expect(page.get_by_role("heading", name="Ce qu’il compte")).to_be_visible()
    found["ready page"] = faults(page)
    if width == 390:
        sizes = first_visit(page, page.url)
        assert sum(sizes.values()) <= 60_000, sizes
        assert sizes["text/html"] <= 10_000, sizes
    page.go_back()
    page.get_by_role("link", name="Supprimer Contacts du mois").click()
    found["delete"] = faults(page)
    page.get_by_role("button", name="Supprimer le rapport").click()
    expect(page.get_by_text("Le rapport est supprimé.")).to_be_visible()
    assert {state: rules for state, rules in found.items() if rules} == {}
    assert [text for text in console if "422" not in text] == []
