"""Every operation of the API beside every kind of caller. An operation without a row here fails, and so does a row without one."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from apps.accounts.choices import Scope
from apps.accounts.models import ApiKey, User
from apps.accounts.tests.factories import PASSWORD, log_in, make_key, make_user
from apps.accounts.tests.oauth.partner import make_partner
from apps.analytics.choices import Dimension, Metric
from apps.analytics.models import Report
from apps.analytics.report_rules import ReportSpec
from apps.analytics.services.reports import create_report
from apps.billing.choices import Product
from apps.billing.models import CreditNote, Payment, Subscription
from apps.billing.services import credit_notes
from apps.billing.services.prices import load_defaults
from apps.billing.tests.factories import make_invoice, make_payment, make_subscription
from apps.billing.tests.issuing import issued_invoice
from apps.catalog.models import Resource, ResourceImage
from apps.catalog.tests.factories import make_category, make_resource
from apps.ingestion.models import Batch, Proposal
from apps.ingestion.tests.factories import make_batch, make_proposal
from apps.notifications.models import WebhookDelivery
from apps.notifications.tests.webhooks.receiver import make_delivery, make_endpoint

pytestmark = pytest.mark.django_db

# `stranger`, `owner`, `staff` and `suspended` hold a session; keys and tokens are the owner's, but for `other_key`, a stranger's.
CALLERS = (
    "nobody", "stranger", "owner", "staff", "jwt", "key", "key_without_scope", "other_key", "test_key", "expired_key", "suspended",
    "suspended_key", "token", "reading_token",
)  # fmt: skip

# The answer to each, in the order of CALLERS. A credential that is no good is refused even where nobody needs one.
TABLE = {
    "list_resources": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "api_resources_create": "401 201 201 201 201 201 403 201 201 401 401 403 201 403",
    "get_resource": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "api_resources_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "api_resources_partial_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "api_resources_destroy": "401 403 204 204 204 204 403 403 403 401 401 403 204 403",
    "get_resource_hours": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "api_resources_hours_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "list_resource_images": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "get_resource_image": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "api_resources_images_create": "401 403 201 201 201 201 403 403 403 401 401 403 201 403",
    "api_resources_images_partial_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "api_resources_images_destroy": "401 403 204 204 204 204 403 403 403 401 401 403 204 403",
    "list_keys": "401 200 200 200 200 403 403 403 403 401 401 403 403 403",
    "create_key": "401 201 201 201 201 403 403 403 403 401 401 403 403 403",
    "get_key": "401 404 200 404 200 403 403 403 403 401 401 403 403 403",
    "change_key": "401 404 200 404 200 403 403 403 403 401 401 403 403 403",
    "revoke_key": "401 404 204 404 204 403 403 403 403 401 401 403 403 403",
    "rotate_key": "401 404 201 404 201 403 403 403 403 401 401 403 403 403",
    "log_in": "401 401 401 401 401 401 401 401 401 401 401 401 401 401",
    "log_out": "204 204 204 204 204 204 204 204 204 204 204 204 204 204",
    "get_me": "401 200 200 200 200 200 200 200 200 401 401 403 200 200",
    "change_me": "401 200 200 200 200 403 403 403 403 401 401 403 403 403",
    "refresh_tokens": "200 200 200 200 200 200 200 200 200 200 200 200 200 200",
    "register": "202 202 202 202 202 202 202 202 202 202 202 202 202 202",
    "ingest_records": "401 403 403 403 403 403 403 403 403 401 401 403 403 403",
    "ingest_businesses": "401 403 403 403 403 403 403 403 403 401 401 403 403 403",
    "get_ingest_batch": "401 404 404 200 404 403 403 403 403 401 401 403 403 403",
    "list_proposals": "401 200 200 200 200 200 403 200 200 401 401 403 200 403",
    "accept_proposal": "401 404 200 404 200 200 403 404 404 401 401 403 200 403",
    "decline_proposal": "401 404 200 404 200 200 403 404 404 401 401 403 200 403",
    "list_invoices": "401 200 200 200 200 200 403 200 200 401 401 403 403 403",
    "get_invoice": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "get_invoice_pdf": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "get_credit_note_pdf": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "get_dashboard": "401 404 200 200 200 200 403 404 404 401 401 403 403 403",
    "get_own_dashboard": "401 200 200 200 200 200 403 200 200 401 401 403 403 403",
    "list_reports": "401 200 200 200 200 200 403 200 200 401 401 403 403 403",
    "create_report": "401 202 202 202 202 202 403 202 202 401 401 403 403 403",
    "get_report": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "delete_report": "401 404 204 404 204 204 403 404 404 401 401 403 403 403",
    # It is not made yet.
    "download_report": "401 404 409 404 409 409 403 404 404 401 401 403 403 403",
    "list_businesses": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "businesses_create": "401 201 201 201 201 201 403 201 201 401 401 403 201 403",
    "get_business": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "businesses_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "businesses_partial_update": "401 403 200 200 200 200 403 403 403 401 401 403 200 403",
    "businesses_destroy": "401 403 204 204 204 204 403 403 403 401 401 403 204 403",
    "list_categories": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "get_category": "200 200 200 200 200 200 403 200 200 401 200 403 200 200",
    "search": "200 200 200 200 200 200 403 200 200 401 200 403 403 403",
    "search_nearby": "200 200 200 200 200 200 403 200 200 401 200 403 403 403",
    "search_suggestions": "200 200 200 200 200 200 403 200 200 401 200 403 403 403",
    "pay_by_mobile_money": "401 404 202 404 202 202 403 404 404 401 401 403 403 403",
    "get_payment": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "list_plans": "200 200 200 200 200 200 200 200 200 401 200 403 200 200",
    "make_quote": "401 201 201 201 201 201 403 201 201 401 401 403 403 403",
    # The owner is paying for his account right now: nothing else may take the place of that.
    "subscribe": "401 201 409 201 409 409 403 201 201 401 401 403 403 403",
    "list_subscriptions": "401 200 200 200 200 200 403 200 200 401 401 403 403 403",
    "cancel_subscription": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    "resume_subscription": "401 404 200 404 200 200 403 404 404 401 401 403 403 403",
    # Nobody is asked who he is, nor known for it: not even a credential that has ended is looked at.
    "track_events": "202 202 202 202 202 202 202 202 202 202 202 202 202 202",
    "list_webhook_endpoints": "401 200 200 200 200 200 200 200 200 401 401 403 403 403",
    "create_webhook_endpoint": "401 201 201 201 201 201 201 201 201 401 401 403 403 403",
    "get_webhook_endpoint": "401 404 200 404 200 200 200 404 404 401 401 403 403 403",
    "change_webhook_endpoint": "401 404 200 404 200 200 200 404 404 401 401 403 403 403",
    "delete_webhook_endpoint": "401 404 204 404 204 204 204 404 404 401 401 403 403 403",
    "rotate_webhook_secret": "401 404 201 404 201 201 201 404 404 401 401 403 403 403",
    "list_webhook_deliveries": "401 404 200 404 200 200 200 404 404 401 401 403 403 403",
    "get_webhook_delivery": "401 404 200 404 200 200 200 404 404 401 401 403 403 403",
    "test_webhook_endpoint": "401 404 202 404 202 202 202 404 404 401 401 403 403 403",
    "replay_webhooks": "401 404 202 404 202 202 202 404 404 401 401 403 403 403",
    "get_limits": "200 200 200 200 200 200 200 200 200 401 200 403 200 200",
}

# What a path needs besides itself.
QUERIES = {"search_nearby": "?lat=4.05&lng=9.7"}
KEYS = {"subscribe": {"Idempotency-Key": "une-fois"}, "pay_by_mobile_money": {"Idempotency-Key": "une-fois"}}


REPORT = ReportSpec(name="Essai", metrics=[Metric.VIEWS], dimension=Dimension.DAY)


@dataclass(frozen=True)
class World:
    """What the operations act on, and what each caller sends."""

    resource: Resource
    image: ResourceImage
    key: ApiKey
    batch: Batch
    proposal: Proposal
    credit_note: CreditNote
    payment: Payment
    subscription: Subscription
    report: Report
    webhook: WebhookDelivery
    refresh: str
    sessions: dict[str, User]
    headers: dict[str, dict[str, str]]

    def client(self, caller: str) -> tuple[Client, dict[str, str]]:
        """A browser of this caller, and the headers that it sends along."""
        client = Client()
        if caller in self.sessions:
            client.force_login(self.sessions[caller])
        return client, self.headers.get(caller, {})


@pytest.fixture
def world() -> World:
    owner, stranger, suspended = make_user(), make_user(), make_user()
    images = [{"external_url": "https://exemple.cm/photo.jpg"}]
    resource = make_resource(user=owner, category=make_category(slug="pharmacies"), images=images)
    shown, secret = make_key(owner)
    sent = {
        "key": secret,
        "key_without_scope": make_key(owner, scopes=[Scope.WEBHOOKS_MANAGE])[1],
        "other_key": make_key(stranger)[1],
        "test_key": make_key(owner, livemode=False)[1],
        "expired_key": make_key(owner, expires_at=timezone.now() - dt.timedelta(seconds=1))[1],
        "suspended_key": make_key(suspended)[1],
    }
    headers = {name: {"X-API-Key": value} for name, value in sent.items()}
    for name, scopes in (("token", (Scope.RESOURCES_READ, Scope.RESOURCES_WRITE)), ("reading_token", (Scope.RESOURCES_READ,))):
        token = make_partner(scopes=scopes).tokens(owner, scopes=scopes)["access_token"]
        headers[name] = {"Authorization": f"Bearer {token}"}
    headers["jwt"] = {"Authorization": f"Bearer {log_in(owner).access}"}
    User.objects.filter(pk=suspended.pk).update(suspended_at=timezone.now())
    staff = User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff")
    credit_note = credit_notes.issue(invoice=issued_invoice(user=owner), amount=1_000, reason="Essai", at=timezone.now())
    load_defaults(at=timezone.now())
    subscription = make_subscription(user=owner, product=Product.LISTING_PREMIUM, resource=resource)
    return World(
        resource, resource.images.get(), shown, make_batch(), make_proposal(resource), credit_note,
        make_payment(invoice=make_invoice(user=owner, subscription=credit_note.invoice.subscription)), subscription,
        create_report(user=owner, livemode=True, spec=REPORT, at=timezone.now()), make_delivery(make_endpoint(user=owner)[0]),
        log_in(owner).refresh,
        {"stranger": stranger, "owner": owner, "staff": staff, "suspended": suspended}, headers,
    )  # fmt: skip


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "green").save(out, "JPEG")
    return SimpleUploadedFile("photo.jpg", out.getvalue(), "image/jpeg")


def body_of(world: World, operation: str) -> Any:
    """A body that is good, so that only the caller decides."""
    entry = {"name": "Pharmacie neuve", "category": "pharmacies"}
    name = re.sub(r"^businesses", "api_resources", operation)
    return {
        "api_resources_create": entry, "api_resources_update": entry, "api_resources_partial_update": {"name": "Autre nom"},
        "api_resources_hours_update": {"hours": [{"day_of_week": 1, "is_closed": True}]},
        "api_resources_images_create": {"file": picture()},
        "api_resources_images_partial_update": {"alt_text": "La façade"}, "create_key": {"name": "Neuve", "scopes": ["resources:read"]},
        "change_key": {"name": "Autre"}, "rotate_key": {"overlap": 60}, "change_me": {"name": "Autre"},
        "ingest_records": {"items": [entry]}, "ingest_businesses": {"items": [entry]},
        "log_in": {"email": "personne@exemple.cm", "password": "une phrase"}, "log_out": {"refresh": world.refresh},
        "refresh_tokens": {"refresh": world.refresh},
        "pay_by_mobile_money": {"invoice_id": str(world.payment.invoice_id), "phone": world.payment.msisdn},
        "make_quote": {"product": "account_pro", "period": "month"}, "subscribe": {"product": "account_pro", "period": "month"},
        "create_report": {"name": "Essai", "metrics": ["views"], "dimension": "day"}, "cancel_subscription": {}, "resume_subscription": {},
        "track_events": {"type": "view", "resource": str(world.resource.pk)},
        "create_webhook_endpoint": {"url": "https://127.0.0.1/hook", "event_types": ["key.created"]},
        "change_webhook_endpoint": {"description": "Caisse"}, "rotate_webhook_secret": {}, "test_webhook_endpoint": {},
        "replay_webhooks": {"delivery_id": str(world.webhook.pk)},
        "register": {"email": "neuf@exemple.cm", "password": "une phrase assez longue", "name": "Awa"},
    }.get(name)  # fmt: skip


def answer(world: World, caller: str, method: str, path: str, operation: str) -> str:
    """The status of one call, undone afterwards."""
    cache.clear()  # so that the bounds on tries do not answer instead
    address = path.format(
        identifier=world.resource.slug,
        resource_id=world.resource.pk,
        image_id=world.image.pk,
        key_id=world.key.pk,
        batch_id=world.batch.pk,
        slug="pharmacies",
        proposal_id=world.proposal.pk,
        invoice_id=world.credit_note.invoice_id,
        credit_note_id=world.credit_note.pk,
        payment_id=world.payment.pk,
        subscription_id=world.subscription.pk,
        report_id=world.report.pk,
        endpoint_id=world.webhook.endpoint_id,
        delivery_id=world.webhook.pk,
    )
    address += QUERIES.get(operation, "")
    client, headers = world.client(caller)
    body = body_of(world, operation)
    given = {} if body is None else {"data": body} if "file" in body else {"data": body, "content_type": "application/json"}
    with transaction.atomic():
        response = getattr(client, method)(address, headers={"If-Match": "*", **KEYS.get(operation, {}), **headers}, **given)
        transaction.set_rollback(True)
    return str(response.status_code)


@pytest.fixture
def operations(client: Client) -> dict[str, tuple[str, str]]:
    """Method and path of every operation of the schema."""
    document = client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    found = [
        (operation["operationId"], method, path) for path, methods in document["paths"].items() for method, operation in methods.items()
    ]
    return {name: (method, path) for name, method, path in found}


def test_every_operation_has_a_row(operations: dict[str, tuple[str, str]]) -> None:
    assert set(operations) == set(TABLE)


def test_callers_get_what_the_table_says(world: World, operations: dict[str, tuple[str, str]]) -> None:
    """One test of a thousand calls: what they act on takes longer to make than they do."""
    found = {name: [answer(world, caller, *operations[name], name) for caller in CALLERS] for name in TABLE}
    wrong = {name: dict(zip(CALLERS, statuses, strict=True)) for name, statuses in found.items() if statuses != TABLE[name].split()}
    assert wrong == {}
