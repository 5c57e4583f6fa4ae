"""Bank transfers: a proof, two people, then a payment like any."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from PIL import Image

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, InvoiceState, PaymentState, ProviderCode
from apps.billing.exceptions import AlreadyPaid, PaymentRefused, PaymentRunning, SecondPersonNeeded, TransferDecided, TransferWaiting
from apps.billing.models import Invoice, TransferProof
from apps.billing.selectors.ledger import balance_of
from apps.billing.services import transfers
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import issued_invoice, pro_forma
from apps.core.exceptions import FieldsInvalid, NotFound, PermissionRefused
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def folder() -> Iterator[Callable[[], set[str]]]:
    """The names of the files that were kept since the test began; they go with it."""
    storage = TransferProof._meta.get_field("file").storage

    def names() -> set[str]:
        return set(storage.listdir("transfers")[1]) if storage.exists("transfers") else set()

    before = names()
    yield lambda: names() - before
    for name in names() - before:
        storage.delete(f"transfers/{name}")


@pytest.fixture(autouse=True)
def _tidy(folder: Callable[[], set[str]]) -> None:
    """No test leaves a file."""


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 100), "green").save(out, kind)
    return out.getvalue()


def staff(*permissions: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return user


def sent(invoice: Invoice, **fields: Any) -> TransferProof:
    values = {
        "invoice_id": invoice.pk, "user": invoice.user, "content": PDF, "bank_reference": "VIR 0001", "amount": invoice.amount_due,
        "at": timezone.now(), **fields,
    }  # fmt: skip
    return transfers.send_proof(**values)


def test_it_works() -> None:
    invoice, at = pro_forma(totals=(750_000,)), timezone.now()
    proof = sent(invoice)
    checker, approver = staff("check_transfer"), staff("approve_transfer")

    transfers.check_proof(proof_id=proof.pk, actor=checker, at=at)
    payment = transfers.approve_proof(proof_id=proof.pk, actor=approver, at=at)

    proof.refresh_from_db()
    invoice.refresh_from_db()
    payment.refresh_from_db()
    assert (payment.state, payment.provider, payment.transaction_id) == (PaymentState.SUCCEEDED, ProviderCode.BANK, "VIR 0001")
    assert (invoice.state, proof.payment) == (InvoiceState.PAID, payment)
    assert balance_of(AccountKind.CLEARING, provider="bank") == 750_000
    assert balance_of(AccountKind.RECEIVABLE) == 0
    assert OutboxEvent.objects.filter(name="billing.payment_succeeded", key=str(payment.pk)).exists()
    with pytest.raises(TransferDecided):
        transfers.approve_proof(proof_id=proof.pk, actor=approver, at=at)


def test_two_people_none_of_them_the_sender() -> None:
    at, both = timezone.now(), staff("check_transfer", "approve_transfer")
    own = sent(pro_forma(user=both))
    with pytest.raises(SecondPersonNeeded):
        transfers.check_proof(proof_id=own.pk, actor=both, at=at)
    proof = sent(pro_forma())
    with pytest.raises(SecondPersonNeeded):
        transfers.approve_proof(proof_id=proof.pk, actor=both, at=at)
    transfers.check_proof(proof_id=proof.pk, actor=both, at=at)
    with pytest.raises(SecondPersonNeeded):
        transfers.approve_proof(proof_id=proof.pk, actor=both, at=at)
    for nobody in (make_user(), staff("check_transfer")):
        with pytest.raises(PermissionRefused):
            transfers.approve_proof(proof_id=proof.pk, actor=nobody, at=at)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_are_known_by_what_they_hold(kind: str) -> None:
    proof = sent(pro_forma(), content=picture(kind))
    assert proof.file.name == f"transfers/{proof.pk}.{'jpg' if kind == 'JPEG' else 'png'}"


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 without an end", picture("GIF"), picture("PNG")[:60], b"<svg/>", PDF + b" " * (5 * 1024 * 1024)]
)  # fmt: skip
def test_other_files_are_refused(content: bytes, folder: Callable[[], set[str]]) -> None:
    with pytest.raises(FieldsInvalid):
        sent(pro_forma(), content=content)
    assert not folder()


def test_only_for_ones_own_invoice_that_is_to_be_paid(folder: Callable[[], set[str]]) -> None:
    invoice = pro_forma()
    with pytest.raises(NotFound):
        sent(invoice, user=make_user())
    with pytest.raises(AlreadyPaid):
        sent(issued_invoice())
    sent(invoice)
    with pytest.raises(TransferWaiting):
        sent(invoice)
    assert len(folder()) == 1, "a refused proof leaves no file"
    for wrong in ({"amount": 0}, {"bank_reference": " "}, {"amount": 2**31}):
        with pytest.raises(FieldsInvalid):
            sent(pro_forma(), **wrong)


def test_another_amount_or_a_running_payment_or_a_used_transfer_pay_nothing() -> None:
    at, checker, approver = timezone.now(), staff("check_transfer"), staff("approve_transfer")

    def checked(invoice: Invoice, **fields: Any) -> TransferProof:
        return transfers.check_proof(proof_id=sent(invoice, **fields).pk, actor=checker, at=at)

    with pytest.raises(PaymentRefused):
        transfers.approve_proof(proof_id=checked(pro_forma(), amount=2000).pk, actor=approver, at=at)
    busy = pro_forma()
    make_payment(invoice=busy)
    with pytest.raises(PaymentRunning):
        transfers.approve_proof(proof_id=checked(busy).pk, actor=approver, at=at)
    transfers.approve_proof(proof_id=checked(pro_forma()).pk, actor=approver, at=at)
    with pytest.raises(PaymentRefused):
        transfers.approve_proof(proof_id=checked(pro_forma()).pk, actor=approver, at=at)


def test_a_refusal_has_a_reason_and_lets_another_come() -> None:
    invoice, at, checker = pro_forma(), timezone.now(), staff("check_transfer")
    proof = sent(invoice)
    with pytest.raises(FieldsInvalid):
        transfers.refuse_proof(proof_id=proof.pk, actor=checker, reason=" ", at=at)

    transfers.refuse_proof(proof_id=proof.pk, actor=checker, reason="Illisible", at=at)

    proof.refresh_from_db()
    assert (proof.refusal, proof.refused_by) == ("Illisible", checker)
    assert OutboxEvent.objects.get(name="billing.transfer_refused").payload == {"proof_id": str(proof.pk)}
    assert sent(invoice).pk != proof.pk
