"""Statements of operators beside our payments."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, PaymentState, PostingKind, ProviderCode, RefundState
from apps.billing.models import Case, LedgerTransaction, Payment, Refund, Statement, StatementLine
from apps.billing.providers.statements import LAYOUTS, PREAMBLE_MAX, BadRow, Movement, NotAStatement, Skipped, read
from apps.billing.selectors.ledger import balance_of
from apps.billing.services.ledger import Leg, post
from apps.billing.services.statements import Imported, import_statement
from apps.billing.tests.factories import make_payment
from apps.core.exceptions import FieldsInvalid
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
HEAD = "Financial Transaction Id,External Id,Date,Type,From,Amount,Fee,Balance,Status"


def row(
    transaction_id: str, *, external_id: str = "", kind: str = "Payment", msisdn: str = "237670000111", amount: object = 2500,
    fee: object = "", balance: object = "", status: str = "Successful", at: str = "2026-11-20 10:05:00",
) -> str:  # fmt: skip
    return f"{transaction_id},{external_id},{at},{kind},{msisdn},{amount},{fee},{balance},{status}"


def imported(*rows: str, head: str = HEAD, provider: ProviderCode = ProviderCode.MTN, **options: Any) -> Imported:
    content = "\n".join([head, *rows]).encode()
    return import_statement(file=io.BytesIO(content), name="releve.csv", provider=provider, actor=None, at=timezone.now(), **options)


def paid(**fields: Any) -> Payment:
    """A payment that succeeded at 10:05 in Douala, with its posting."""
    payment = make_payment(state=PaymentState.SUCCEEDED, at=DAY, **fields)
    post(
        kind=PostingKind.PAYMENT, cause=payment, at=payment.finished_at or DAY,
        legs=[
            Leg(AccountKind.CLEARING, payment.amount, provider=payment.provider),
            Leg(AccountKind.RECEIVABLE, -payment.amount, user_id=payment.user_id),
        ],
    )  # fmt: skip
    return payment


def open_cases() -> list[tuple[str, uuid.UUID | None]]:
    return sorted(Case.objects.filter(settled_at=None).values_list("kind", "payment"), key=str)


def test_it_works() -> None:
    first, second = paid(transaction_id="T1"), paid()
    missing = paid(transaction_id="T9")

    done = imported(
        row("T1", fee=25), row("T2", external_id=str(second.reference).upper(), fee=25), row("T3", external_id="inconnu"),
        row("S1", kind="Bank transfer", amount='"-4,000.00"'), row("F1", kind="Fee", amount=10), row("X1", status="Failed"),
        row("T4", balance="5 000", at="2026-11-20 23:59:59"),
        covers=(dt.date(2026, 11, 20), dt.date(2026, 11, 20)),
    )  # fmt: skip

    assert (done.new, done.skipped, done.matched, done.bad_count) == (6, 1, 2, 0)
    lines = {line.transaction_id: line for line in StatementLine.objects.all()}
    assert (lines["T1"].payment, lines["T1"].matched_by) == (first, "transaction")
    assert (lines["T2"].payment, lines["T2"].matched_by) == (second, "reference")
    assert sorted(Case.objects.values_list("kind", "payment", "line__transaction_id"), key=str) == sorted(
        [("ours_only", missing.pk, None), ("theirs_only", None, "T3"), ("theirs_only", None, "T4")], key=str
    )
    assert balance_of(AccountKind.FEES) == 60
    assert balance_of(AccountKind.BANK) == 4000
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 3 * 2500 - 60 - 4000
    assert done.statement.closing_balance == 5000
    assert done.statement.report["expected_balance"] == 3 * 2500 - 60 - 4000
    assert OutboxEvent.objects.get(name="billing.operator_alarm").payload["what"] == "balance"


def test_the_same_file_and_the_same_movement_count_once() -> None:
    rows = (row("T1", fee=25), row("S1", kind="Settlement", amount=100))
    first = imported(*rows)
    cases, postings = Case.objects.count(), LedgerTransaction.objects.count()

    again = imported(*rows)
    assert (again.is_new, again.statement) == (False, first.statement)
    other = imported(*rows, row("T1", fee=30))

    assert (other.is_new, other.new, other.known) == (True, 0, 3)
    assert (Case.objects.count(), LedgerTransaction.objects.count()) == (cases, postings)


def test_the_payer_the_amount_and_the_day_when_only_one_fits() -> None:
    alone = paid(msisdn="+237670000222", amount=5000)
    for _ in range(2):
        paid(msisdn="+237670000333", amount=5000)

    imported(row("T1", msisdn="670000222", amount=5000), row("T2", msisdn="670 00 03 33", amount=5000))

    lines = {line.transaction_id: line for line in StatementLine.objects.all()}
    assert (lines["T1"].payment, lines["T1"].matched_by) == (alone, "payer")
    assert lines["T2"].payment is None, "two payments fit: nobody guesses"


def test_a_success_that_we_do_not_know_is_never_granted() -> None:
    at = timezone.now()
    old = make_payment(state=PaymentState.EXPIRED, at=DAY, next_query_at=None)
    young = make_payment(state=PaymentState.PENDING, at=at)

    imported(row("T1", external_id=str(old.reference)), row("T2", external_id=young.order_id))

    assert open_cases() == [("theirs_only", old.pk)]
    assert set(Payment.objects.values_list("state", flat=True)) == {"expired", "pending"}
    asked = {event.key for event in OutboxEvent.objects.filter(name="billing.callback_received")}
    assert asked == {str(old.pk), str(young.pk)}, "the operator is asked: only its answer counts"


def test_another_amount_and_a_second_movement_are_differences() -> None:
    payment = paid(transaction_id="T1")
    twice = paid()

    imported(row("T1", amount=2000), row("T2", external_id=str(twice.reference)), row("T3", external_id=str(twice.reference)))

    kinds = sorted(Case.objects.values_list("kind", "payment", "line__transaction_id"), key=str)
    assert kinds == sorted([("amount_differs", payment.pk, "T1"), ("late_duplicate", None, "T3")], key=str)


def test_refunds_are_known_by_their_own_reference() -> None:
    payment = paid()
    at, people = timezone.now(), (make_user(), make_user())
    fields = {"payment": payment, "requested_by": people[0], "decided_by": people[1], "created_at": at, "motive": "essai"}
    done = Refund.objects.create(amount=500, state=RefundState.SUCCEEDED, **fields)
    waiting = Refund.objects.create(amount=600, state=RefundState.UNKNOWN, **fields)

    imported(
        row("T0", external_id=str(payment.reference)), row("R1", kind="Refund", amount=-500, external_id=str(done.reference)),
        row("R2", kind="Refund", amount=600, external_id=str(waiting.reference)), row("R3", kind="Refund", amount=1),
    )  # fmt: skip

    kinds = sorted(Case.objects.values_list("kind", "line__transaction_id"))
    assert kinds == [("theirs_only", "R2"), ("theirs_only", "R3")]


def test_orange_as_its_portal_writes_it() -> None:
    payment = make_payment(provider=ProviderCode.ORANGE_MP, operator="orange", state=PaymentState.SUCCEEDED, at=DAY, amount=12500)
    text = (
        "Relevé du compte marchand\r\n\r\nDate;Heure;Référence;N° de commande;Service;Statut;N° client;Crédit;Débit;Commission;Solde\r\n"
        f"20/11/2026;10:05:11;MP261120.1005.A1;{payment.order_id};Paiement marchand;Succès;699000222;12 500;;125;12 375\r\n"
        "20/11/2026;18:00;MP261120.1800.B1;;Virement bancaire;Succès;;;10 000;;2 375\r\n"
    )
    for encoding in ("utf-8-sig", "cp1252"):
        done = import_statement(
            file=io.BytesIO(text.replace("N° de commande", "Numero de commande").encode(encoding)), name=encoding,
            provider=ProviderCode.ORANGE_MP, actor=None, at=timezone.now(),
        )  # fmt: skip
        assert done.bad_count == 0
        assert done.statement.closing_balance == 2375
    line = StatementLine.objects.get(kind="payment")
    assert (line.payment, line.amount, line.fee, line.msisdn) == (payment, 12500, 125, "+237699000222")
    assert line.at == dt.datetime(2026, 11, 20, 9, 5, 11, tzinfo=dt.UTC)
    assert StatementLine.objects.get(kind="settlement").amount == 10000


def test_rows_that_cannot_be_read_are_named() -> None:
    done = imported(
        row("T1", amount='"12,5"'), row("", amount=100), row("T2", at="hier"), "T3", "", row("T4", amount="١٢"), row("T5", amount="9" * 30),
        row("T6", fee="abc"), row("T7"),
    )  # fmt: skip

    assert [(bad.line, bad.field) for bad in done.bad] == [
        (2, "amount"), (3, "transaction_id"), (4, "date"), (5, "columns"), (7, "amount"), (8, "amount"), (9, "fee"),
    ]  # fmt: skip
    assert (done.new, done.bad_count) == (1, 7)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" * 50, b"a,b,c\n1,2,3\n", b"\xff\xfeD\x00a\x00"])
def test_what_is_no_statement_is_refused_whole(content: bytes) -> None:
    with pytest.raises(FieldsInvalid):
        import_statement(file=io.BytesIO(content), name="x", provider=ProviderCode.MTN, actor=None, at=timezone.now())
    assert not Statement.objects.exists()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "releve.csv"
    file.write_text("\n".join([HEAD, row("T1"), row("T2", amount="x")]))

    call_command("import_statement", str(file), "--provider", "mtn", "--closing-balance", "0")
    out = capsys.readouterr()
    assert "rows=2 new=1 known=0 skipped=0 matched=0 cases=1 fees=0 bad_count=1" in out.out
    assert out.err == "line 3: amount\n"
    call_command("import_statement", str(file), "--provider", "mtn")
    assert "already imported" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_statement", str(tmp_path / "rien.csv"), "--provider", "mtn")
    with pytest.raises(CommandError, match="together"):
        call_command("import_statement", str(file), "--provider", "mtn", "--from", "2026-11-01")


def test_a_hundred_thousand_rows_are_never_held_together() -> None:
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        yield HEAD
        for number in range(100_000):
            taken = number
            yield row(f"T{number}", fee=10)

    ahead = max(taken - number for number, _movement in enumerate(read(lines(), LAYOUTS[ProviderCode.MTN])))
    assert taken == 99_999
    assert ahead <= PREAMBLE_MAX


def test_statements_grow_with_batches_and_not_with_rows(django_assert_max_num_queries: Any) -> None:
    """1,000 movements that match: what is known, three ways to match, what is taken, the lines, fees; not one each."""
    payments = [make_payment(state=PaymentState.SUCCEEDED, at=DAY, transaction_id=f"T{number}") for number in range(60)]
    rows = [row(payment.transaction_id, fee=5) for payment in payments]
    with django_assert_max_num_queries(30):
        done = imported(*rows)
    assert done.matched == 60


@hypothesis_settings(max_examples=150)
@given(text=st.text(max_size=300), delimiter=st.sampled_from([",", ";", "\t"]))
def test_any_text_is_read_or_refused(text: str, delimiter: str) -> None:
    head = HEAD.replace(",", delimiter)
    for row_read in read(f"{head}\n{text}".splitlines(keepends=True), LAYOUTS[ProviderCode.MTN]):
        assert isinstance(row_read, Movement | BadRow | Skipped)
    try:
        for row_read in read(text.splitlines(keepends=True), LAYOUTS[ProviderCode.ORANGE_MP]):
            assert isinstance(row_read, Movement | BadRow | Skipped)
    except NotAStatement:
        assert "reference" not in text


@hypothesis_settings(max_examples=40)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_imported_or_refused(content: bytes) -> None:
    whole = f"{HEAD}\n{row('T1')}\n".encode() + content
    try:
        done = import_statement(file=io.BytesIO(whole), name="x", provider=ProviderCode.MTN, actor=None, at=timezone.now())
    except FieldsInvalid:
        pytest.fail("the headings are there")
    assert done.is_new is False or done.new + done.known >= 1
