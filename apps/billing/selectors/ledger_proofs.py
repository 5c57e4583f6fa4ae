"""Proofs that the ledger says what payments, invoices, credit notes and refunds say.

Each compares sums or sets in the database and brings back at most `NAMES_MAX` names of what differs, so that memory stays
the same whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from apps.billing.choices import Claim

NAMES_MAX = 20

# Rows that undo something belong to the kind of what they undo.
_KIND = "COALESCE((SELECT undone.kind FROM ledger_transactions AS undone WHERE undone.id = t.reverses_id), t.kind)"
_SETTLED = "p.state IN ('succeeded', 'refunded') AND p.livemode"
_IS_SURPLUS = "COALESCE(i.paid_with ->> 'reference', '') <> p.reference::text"


@dataclass(frozen=True)
class Proof:
    """One claim, how it was found, and the names of what speaks against it (20 at most)."""

    name: Claim
    detail: str
    differences: list[str] = field(default_factory=list)


def prove_ledger() -> Iterator[Proof]:
    """Every proof, in an order in which the first broken one explains most; all see the same moment.

    Inside a caller's transaction its isolation decides what they see.
    """
    with _one_moment():
        for prove in _PROOFS:
            yield prove()


@contextmanager
def _one_moment() -> Iterator[None]:
    begins = not connection.in_atomic_block
    with transaction.atomic():
        if begins:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows


def _names(statement: str) -> list[str]:
    """The rows of a statement of differences, each as one name."""
    return [" ".join(str(value) for value in row) for row in _rows(f"{statement} LIMIT {NAMES_MAX}")]


def _count(statement: str) -> int:
    return int(str(_rows(statement)[0][0] or 0))


def _transactions_balance() -> Proof:
    differences = _names(
        "SELECT t.id, COALESCE(sum(e.amount), 0) FROM ledger_transactions AS t LEFT JOIN ledger_entries AS e ON e.transaction_id = t.id"
        " GROUP BY t.id HAVING COALESCE(sum(e.amount), 0) <> 0 OR count(e.id) < 2"
    )
    total = _count("SELECT count(*) FROM ledger_transactions")
    return Proof(Claim.TRANSACTIONS, f"transactions={total}", differences)


def _trial_balance_is_zero() -> Proof:
    total = _count("SELECT sum(amount) FROM ledger_entries")
    entries = _count("SELECT count(*) FROM ledger_entries")
    return Proof(Claim.TRIAL_BALANCE, f"entries={entries} sum={total}", [f"sum {total}"] if total else [])


def _no_test_is_posted() -> Proof:
    differences = _names(
        "SELECT t.id, t.kind FROM ledger_transactions AS t LEFT JOIN payments AS p ON p.id = t.payment_id"
        " LEFT JOIN invoices AS i ON i.id = t.invoice_id LEFT JOIN credit_notes AS c ON c.id = t.credit_note_id"
        " LEFT JOIN refunds AS r ON r.id = t.refund_id LEFT JOIN payments AS rp ON rp.id = r.payment_id"
        " WHERE NOT COALESCE(p.livemode, i.livemode, c.livemode, rp.livemode, true)"
    )
    return Proof(Claim.NO_TEST, "", differences)


def _clearing_is_what_operators_hold() -> Proof:
    differences = _names(
        "SELECT provider, 'ledger', sum(ledger), 'payments less refunds', sum(held) FROM ("
        " SELECT a.provider, e.amount AS ledger, 0 AS held FROM ledger_entries AS e"
        " JOIN ledger_accounts AS a ON a.id = e.account_id JOIN ledger_transactions AS t ON t.id = e.transaction_id"
        f" WHERE a.kind = 'clearing' AND {_KIND} NOT IN ('fee', 'settlement')"
        f" UNION ALL SELECT p.provider, 0, p.amount FROM payments AS p WHERE {_SETTLED}"
        " UNION ALL SELECT p.provider, 0, -r.amount FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id"
        " WHERE r.state = 'succeeded' AND p.livemode"
        ") AS both_sides GROUP BY provider HAVING sum(ledger) <> sum(held)"
    )
    found = _rows(
        "SELECT a.provider, sum(e.amount) FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id"
        " WHERE a.kind = 'clearing' GROUP BY a.provider ORDER BY a.provider"
    )
    detail = " ".join(f"{provider}={amount}" for provider, amount in found)
    return Proof(Claim.CLEARING, detail, differences)


def _revenue_is_what_was_invoiced() -> Proof:
    differences = _names(
        "SELECT account, 'ledger', sum(ledger), 'invoices less credit notes', sum(documents) FROM ("
        " SELECT a.kind AS account, -e.amount AS ledger, 0 AS documents FROM ledger_entries AS e"
        " JOIN ledger_accounts AS a ON a.id = e.account_id WHERE a.kind IN ('revenue', 'vat')"
        " UNION ALL SELECT 'revenue', 0, net FROM invoices WHERE state = 'paid' AND livemode"
        " UNION ALL SELECT 'vat', 0, vat FROM invoices WHERE state = 'paid' AND livemode"
        " UNION ALL SELECT 'revenue', 0, -net FROM credit_notes WHERE livemode"
        " UNION ALL SELECT 'vat', 0, -vat FROM credit_notes WHERE livemode"
        ") AS both_sides GROUP BY account HAVING sum(ledger) <> sum(documents)"
    )
    net, vat = _rows("SELECT COALESCE(sum(net), 0), COALESCE(sum(vat), 0) FROM invoices WHERE state = 'paid' AND livemode")[0]
    return Proof(Claim.REVENUE, f"invoiced_net={net} invoiced_vat={vat}", differences)


def _invoices_are_their_lines() -> Proof:
    differences = _names(
        "SELECT i.number, i.total, i.net, i.vat FROM invoices AS i LEFT JOIN LATERAL ("
        " SELECT COALESCE(sum(total), 0) AS total, COALESCE(sum(net), 0) AS net, COALESCE(sum(vat), 0) AS vat"
        " FROM invoice_lines WHERE invoice_id = i.id) AS l ON true"
        " WHERE i.state = 'paid' AND (i.total, i.net, i.vat) IS DISTINCT FROM (l.total, l.net, l.vat)"
    )
    return Proof(Claim.LINES, f"invoices={_count(_PAID_INVOICES)}", differences)


_PAID_INVOICES = "SELECT count(*) FROM invoices WHERE state = 'paid'"


def _invoices_are_posted() -> Proof:
    differences = _names(
        "SELECT i.number, i.total FROM invoices AS i WHERE i.state = 'paid' AND i.livemode AND i.total > 0 AND ("
        " SELECT COALESCE(sum(e.amount), 0) FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id"
        " JOIN ledger_accounts AS a ON a.id = e.account_id"
        " WHERE t.invoice_id = i.id AND t.kind = 'sale' AND a.kind = 'receivable') <> i.total"
        " UNION ALL SELECT i.number, i.total FROM ledger_transactions AS t JOIN invoices AS i ON i.id = t.invoice_id"
        " WHERE t.kind IN ('sale', 'credit_used') AND i.state <> 'paid'"
    )
    return Proof(Claim.INVOICES, "", differences)


def _payments_are_posted() -> Proof:
    differences = _names(
        f"SELECT p.reference, p.amount FROM payments AS p WHERE {_SETTLED} AND ("
        " SELECT count(*) FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id"
        " JOIN ledger_accounts AS a ON a.id = e.account_id WHERE t.payment_id = p.id AND t.kind = 'payment'"
        " AND a.kind = 'clearing' AND a.provider = p.provider AND e.amount = p.amount) <> 1"
        " UNION ALL SELECT p.reference, p.amount FROM ledger_transactions AS t JOIN payments AS p ON p.id = t.payment_id"
        f" WHERE t.kind IN ('payment', 'surplus') AND NOT ({_SETTLED})"
    )
    total = _count(f"SELECT count(*) FROM payments AS p WHERE {_SETTLED}")
    return Proof(Claim.PAYMENTS, f"payments={total}", differences)


def _payments_are_answered() -> Proof:
    differences = _names(
        f"SELECT p.reference::text, CASE WHEN {_IS_SURPLUS} THEN 'no credit' ELSE 'no grant' END FROM payments AS p"
        f" JOIN invoices AS i ON i.id = p.invoice_id WHERE {_SETTLED} AND CASE WHEN {_IS_SURPLUS}"
        " THEN NOT EXISTS (SELECT 1 FROM ledger_transactions AS t WHERE t.payment_id = p.id AND t.kind = 'surplus')"
        " ELSE NOT EXISTS (SELECT 1 FROM billing_grants AS g WHERE g.invoice_id = i.id)"
        " OR EXISTS (SELECT 1 FROM ledger_transactions AS t WHERE t.payment_id = p.id AND t.kind = 'surplus') END"
        " UNION ALL SELECT i.number, 'no grant' FROM invoices AS i WHERE i.state = 'paid' AND i.livemode AND i.amount_due = 0"
        " AND NOT EXISTS (SELECT 1 FROM billing_grants AS g WHERE g.invoice_id = i.id)"
    )
    return Proof(Claim.GRANTS, "", differences)


def _credit_is_surplus_less_used() -> Proof:
    differences = _names(
        "SELECT user_id, 'ledger', sum(ledger), 'surplus and credit notes less used and refunds', sum(owed) FROM ("
        " SELECT e.user_id, -e.amount AS ledger, 0 AS owed FROM ledger_entries AS e"
        " JOIN ledger_accounts AS a ON a.id = e.account_id WHERE a.kind = 'credit'"
        " UNION ALL SELECT i.user_id, 0, p.amount FROM payments AS p JOIN invoices AS i ON i.id = p.invoice_id"
        f" WHERE {_SETTLED} AND {_IS_SURPLUS}"
        " UNION ALL SELECT i.user_id, 0, c.total FROM credit_notes AS c JOIN invoices AS i ON i.id = c.invoice_id WHERE c.livemode"
        " UNION ALL SELECT user_id, 0, -credit_used FROM invoices WHERE state = 'paid' AND livemode"
        f" UNION ALL SELECT p.user_id, 0, -r.amount FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE p.livemode AND {_DUE}"
        ") AS both_sides GROUP BY user_id HAVING sum(ledger) <> sum(owed) OR sum(ledger) < 0"
    )
    total = _count(
        "SELECT -sum(e.amount) FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id WHERE a.kind = 'credit'"
    )
    return Proof(Claim.CREDIT, f"credit={total}", differences)


# Approved, and not known to have failed: what they give back has left the customer's credit.
_DUE = "r.state IN ('created', 'pending', 'unknown', 'succeeded')"


def _refunds_are_posted() -> Proof:
    differences = _names(
        "SELECT user_id, 'ledger', sum(ledger), 'refunds on their way', sum(owed) FROM ("
        " SELECT e.user_id, -e.amount AS ledger, 0 AS owed FROM ledger_entries AS e"
        " JOIN ledger_accounts AS a ON a.id = e.account_id WHERE a.kind = 'refunds'"
        " UNION ALL SELECT p.user_id, 0, r.amount FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id"
        " WHERE p.livemode AND r.state IN ('created', 'pending', 'unknown')"
        ") AS both_sides GROUP BY user_id HAVING sum(ledger) <> sum(owed)"
    )
    total = _count("SELECT count(*) FROM refunds WHERE state = 'succeeded'")
    return Proof(Claim.REFUNDS, f"refunded={total}", differences)


def _nobody_owes() -> Proof:
    differences = _names(
        "SELECT e.user_id, sum(e.amount) FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id"
        " WHERE a.kind = 'receivable' GROUP BY e.user_id HAVING sum(e.amount) <> 0"
    )
    return Proof(Claim.NOTHING_OWED, "", differences)


def _numbers_follow_each_other() -> Proof:
    """Numbers of a series and year are 1, 2, 3… up to the last given."""
    numbers = (
        "SELECT substring(number FROM '^(.*)-[0-9]+$') AS series, substring(number FROM '[0-9]+$')::bigint AS place FROM ("
        "SELECT number FROM invoices WHERE number IS NOT NULL UNION ALL SELECT number FROM credit_notes) AS every_number"
    )
    differences = _names(
        "SELECT COALESCE(n.series, s.series), 'last', COALESCE(s.last, 0), 'numbers', COALESCE(n.numbers, 0), 'from', COALESCE(n.low, 0),"
        f" 'to', COALESCE(n.high, 0) FROM (SELECT series, count(DISTINCT place) AS numbers, min(place) AS low, max(place) AS high"
        f" FROM ({numbers}) AS parts GROUP BY series) AS n FULL JOIN (SELECT series || '-' || year AS series, last"
        " FROM billing_number_series WHERE series IN ('FA', 'AV', 'TEST', 'TEST-AV')) AS s ON s.series = n.series"
        " WHERE (COALESCE(n.numbers, 0), COALESCE(n.low, 1), COALESCE(n.high, 0))"
        " IS DISTINCT FROM (COALESCE(s.last, 0), 1, COALESCE(s.last, 0))"
    )
    gaps = _names(
        f"SELECT series, 'missing after', place FROM (SELECT series, place, lead(place) OVER (PARTITION BY series ORDER BY place) AS next"
        f" FROM ({numbers}) AS parts) AS pairs WHERE next <> place + 1"
    )
    found = _rows("SELECT series || '-' || year, last FROM billing_number_series WHERE series IN ('FA', 'AV') ORDER BY 1 DESC LIMIT 6")
    return Proof(Claim.NUMBERS, " ".join(f"{series}={last}" for series, last in found), [*differences, *gaps][:NAMES_MAX])


_PROOFS: tuple[Callable[[], Proof], ...] = (
    _transactions_balance,
    _trial_balance_is_zero,
    _no_test_is_posted,
    _payments_are_posted,
    _payments_are_answered,
    _clearing_is_what_operators_hold,
    _invoices_are_their_lines,
    _invoices_are_posted,
    _revenue_is_what_was_invoiced,
    _credit_is_surplus_less_used,
    _refunds_are_posted,
    _nobody_owes,
    _numbers_follow_each_other,
)
