"""The desk for payments in the admin: found by anything, told whole, acted on safely by who may."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import CaseKind, PaymentState, ProviderCode, RefundState
from apps.billing.models import Case, Payment, ProviderCall, ProviderState, Refund, Statement
from apps.billing.providers.port import Callback
from apps.billing.services import callbacks, refunds, transfers
from apps.billing.services.cases import open_case
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import issued_invoice, pro_forma
from apps.billing.tests.test_statements import HEAD, row
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
VIEWS = ("view_payment", "view_refund", "view_case", "view_statement", "view_transferproof", "view_providerstate")
ACTS = ("act_on_payment", "request_refund", "approve_refund", "add_statement", "check_transfer", "approve_transfer", "change_providerstate")


def staff(*permissions: str) -> tuple[User, Client]:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=[*VIEWS, *permissions]))
    client = Client()
    client.force_login(user)
    return user, client


def page(row_: Any) -> str:
    return f"/admin/billing/{row_._meta.model_name}/{row_.pk}/change/"


def listed(client: Client, term: str) -> int:
    return int(client.get("/admin/billing/payment/", {"q": term}).context["cl"].result_count)


def busy_payment() -> Payment:
    payment = make_payment(msisdn="+237670001122", transaction_id="9812345670")
    callback = Callback("PUT", "/", b'{"status":"SUCCESSFUL","notif_token":"tres-secret","payer":{"partyId":"237670001122"}}')
    callbacks.receive(token=payment.callback_token, provider="mtn", callback=callback, providers=(), at=timezone.now())
    ProviderCall.objects.create(
        payment=payment, provider="mtn", kind="query", method="GET", path="/requesttopay", http_status=200, body='{"status":"PENDING"}',
        started_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    return payment


def test_it_works(django_assert_max_num_queries: Any) -> None:
    payment, (_user, client) = busy_payment(), staff(*ACTS)
    open_case(kind=CaseKind.STUCK, payment=payment, at=timezone.now())

    with django_assert_max_num_queries(15):
        answer = client.get(page(payment))

    text = answer.content.decode()
    assert answer.status_code == 200
    for word in (str(payment.reference), payment.order_id, "9812345670", "requesttopay", "Avis reçu", "Sans réponse depuis 24 heures"):
        assert word in text
    assert "tres-secret" not in text
    # The payer's number stands among the facts alone.
    assert text.count("670001122") == 1


def test_found_by_anything_that_a_caller_can_name() -> None:
    payment, (_user, client) = make_payment(msisdn="+237670001122", transaction_id="9812345670"), staff()
    make_payment(msisdn="+237699000000")
    terms = (
        "6 70 00 11 22", "670001122", "+237 670 00 11 22", "00237670001122", str(payment.reference), str(payment.pk),
        payment.order_id.lower(), "9812345670", payment.invoice.pro_forma_number, payment.user.email.upper(),
    )  # fmt: skip
    for term in terms:
        assert listed(client, term) == 1, term
    for term in ("rien", "'; --", "6700", "x" * 500, str(uuid.uuid4())):
        assert listed(client, term) == 0, term
    assert listed(client, "") == 2


def test_the_list_asks_as_often_for_many_as_for_few(django_assert_max_num_queries: Any) -> None:
    _user, client = staff()
    for _ in range(12):
        make_payment()
    with django_assert_max_num_queries(12):
        assert client.get("/admin/billing/payment/").status_code == 200


def test_who_only_looks_cannot_act_and_strangers_do_not_look() -> None:
    payment, (_user, client) = make_payment(), staff()
    assert b'value="query"' not in client.get(page(payment)).content
    client.post(page(payment), {"act": "query"})
    client.post(page(payment), {"act": "close", "evidence": "x"})
    client.post(page(payment), {"act": "refund", "amount": "1", "motive": "x"})
    payment.refresh_from_db()
    assert (payment.state, payment.events.count(), Refund.objects.count()) == (PaymentState.PENDING, 0, 0)

    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(page(payment)).status_code in {302, 403}
    assert client.post(page(payment), {"act": "delete"}).status_code == 404
    for pk in ("rien", uuid.uuid4()):
        assert client.get(f"/admin/billing/payment/{pk}/change/").status_code == 404


def test_query_now_asks_soon_and_notes_who() -> None:
    payment, (user, client) = make_payment(), staff(*ACTS)
    client.post(page(payment), {"act": "query"})
    event = payment.events.get()
    assert (event.cause, event.actor) == ("staff_query", user)
    assert OutboxEvent.objects.filter(name="billing.callback_received", key=str(payment.pk)).exists()


def test_only_what_surely_never_arrived_is_sent_by_hand() -> None:
    _user, client = staff(*ACTS)
    waiting = make_payment(state=PaymentState.CREATED, submitted_at=None)
    sent = make_payment(state=PaymentState.CREATED)
    for payment in (waiting, sent):
        client.post(page(payment), {"act": "send"})
    assert waiting.events.count() == 1
    assert sent.events.count() == 0


def test_another_attempt_only_after_the_window() -> None:
    at, (_user, client) = timezone.now(), staff(*ACTS)
    early, late = make_payment(state=PaymentState.UNKNOWN), make_payment(state=PaymentState.UNKNOWN, at=at - dt.timedelta(hours=1))
    for payment in (early, late):
        client.post(page(payment), {"act": "allow"})
        payment.refresh_from_db()
    assert (early.superseded, late.superseded) == (False, True)
    assert late.next_query_at is not None, "it stays watched"


def test_closing_needs_a_proof() -> None:
    payment, (user, client) = make_payment(state=PaymentState.UNKNOWN, mismatch=True), staff(*ACTS)
    client.post(page(payment), {"act": "close", "evidence": " "})
    payment.refresh_from_db()
    assert payment.state == PaymentState.UNKNOWN
    client.post(page(payment), {"act": "close", "evidence": "relevé du 26, ligne 4"})
    payment.refresh_from_db()
    assert (payment.state, payment.mismatch) == (PaymentState.FAILED, False)
    assert payment.events.get(cause="closed_by_staff").actor == user


def test_a_refund_from_its_request_to_its_proof() -> None:
    payment = issued_invoice().payments.get()
    Payment.objects.filter(pk=payment.pk).update(provider=ProviderCode.BANK)
    (_asker, asking), (_decider, deciding) = staff(*ACTS), staff(*ACTS)

    asking.post(page(payment), {"act": "refund", "amount": "1 000", "motive": "Doublon"})
    refund = Refund.objects.get()
    assert (refund.amount, refund.state, refund.is_manual) == (1000, RefundState.REQUESTED, True)
    assert b'value="approve"' not in asking.get(page(refund)).content
    asking.post(page(refund), {"act": "approve"})
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED
    assert b'value="approve"' in deciding.get(page(refund)).content
    deciding.post(page(refund), {"act": "approve"})
    asking.post(page(refund), {"act": "paid", "evidence": "bordereau 12"})
    refund.refresh_from_db()
    assert (refund.state, refund.evidence, refund.ends_rights) == (RefundState.SUCCEEDED, "bordereau 12", False)
    assert refunds.reconcile(at=timezone.now()) == 0


def test_a_case_is_settled_with_words() -> None:
    case, (user, client) = open_case(kind=CaseKind.STUCK, payment=make_payment(), at=timezone.now()), staff(*ACTS)
    assert client.get("/admin/billing/case/").context["cl"].result_count == 1
    client.post(page(case), {"act": "settle", "note": "L’opérateur confirme : rien."})
    case.refresh_from_db()
    assert case.settled_by == user
    assert client.get("/admin/billing/case/").context["cl"].result_count == 0
    assert client.get("/admin/billing/case/", {"state": "settled"}).context["cl"].result_count == 1
    _other, looking = staff()
    assert looking.post(page(case), {"act": "settle", "note": "x"}).status_code == 403


def test_a_statement_is_read_and_reported() -> None:
    _user, client = staff(*ACTS)
    content = "\n".join([HEAD, row("T1", fee=20), row("T2", amount="x")]).encode()
    upload = SimpleUploadedFile("novembre.csv", content)

    answer = client.post("/admin/billing/statement/read/", {"file": upload, "provider": "mtn", "closing_balance": "1000"})

    statement = Statement.objects.get()
    assert answer["Location"] == page(statement)
    text = client.get(page(statement)).content.decode()
    assert "T1" in text
    assert "ligne 3" in text
    assert Case.objects.get().line is not None
    assert client.get("/admin/billing/statement/").status_code == 200
    client.post("/admin/billing/statement/read/", {"provider": "mtn"})
    _other, looking = staff()
    assert looking.get("/admin/billing/statement/read/").status_code == 403
    assert Statement.objects.count() == 1


def test_a_transfer_passes_two_desks_and_its_file_is_a_download() -> None:
    invoice = pro_forma(totals=(600_000,))
    content = b"%PDF-1.7\n%%EOF\n"
    proof = transfers.send_proof(
        invoice_id=invoice.pk, user=invoice.user, content=content, bank_reference="VIR 77", amount=600_000, at=timezone.now()
    )
    (_one, first), (_two, second) = staff(*ACTS), staff(*ACTS)
    file = first.get(f"/admin/billing/transferproof/{proof.pk}/file/")
    assert file.getvalue() == content
    assert file["Content-Disposition"].startswith("attachment")
    first.post(page(proof), {"act": "check"})
    first.post(page(proof), {"act": "approve"})
    proof.refresh_from_db()
    assert proof.approved_at is None
    second.post(page(proof), {"act": "approve"})
    proof.refresh_from_db()
    assert proof.payment is not None
    assert second.get(page(proof)).status_code == 200
    proof.file.storage.delete(str(proof.file.name))


def test_the_kill_switch_and_the_bounds(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = "http://127.0.0.1:9"
    _user, client = staff(*ACTS)
    assert b"MTN" in client.get("/admin/billing/providerstate/").content
    path = "/admin/billing/providerstate/mtn/change/"
    client.post(path, {"amount_min": "500", "amount_max": "100"})
    state = ProviderState.objects.get(provider="mtn")
    assert (state.accepts, state.amount_max) == (True, None)
    client.post(path, {"amount_min": "500", "amount_max": "250000"})
    state.refresh_from_db()
    assert (state.accepts, state.amount_min, state.amount_max) == (False, 500, 250_000)
    _other, looking = staff()
    assert looking.post(path, {"accepts": "on"}).status_code == 403
