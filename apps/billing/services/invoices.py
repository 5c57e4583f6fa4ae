"""Pro formas, and the invoices that they become when they are paid."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts.models import User
from apps.billing.check_codes import new_check_code
from apps.billing.choices import AccountKind, InvoiceState, PostingKind, Purpose
from apps.billing.constants import AMOUNT_STEP, LIVE_PAYMENT_STATES, PRO_FORMA_VALID, VAT_BASIS_POINTS
from apps.billing.credit import credit_to_use
from apps.billing.events import invoice_issued
from apps.billing.exceptions import AlreadyPaid, CreditSpent
from apps.billing.models import Invoice, InvoiceLine, Payment, Quote, Seller, Subscription
from apps.billing.phones import masked_phone
from apps.billing.selectors.ledger import available_credit, credit_of
from apps.billing.services import buyers, ledger, sellers
from apps.billing.services.ledger import Leg
from apps.billing.services.numbers import Series, take_number
from apps.billing.vat import split_lines
from apps.core import events

LAPSE_BATCH = 500


@dataclass(frozen=True)
class Line:
    """What is charged: francs with tax. A negative total gives back what was not consumed."""

    description_fr: str
    description_en: str
    total: int
    period_start: dt.datetime | None = None
    period_end: dt.datetime | None = None


@dataclass(frozen=True)
class Settlement:
    """What a payment came to. `is_issued` False: the invoice was paid already or withdrawn, and the money is the customer's credit."""

    invoice: Invoice
    is_issued: bool


@transaction.atomic
def draft(
    *, user: User, purpose: Purpose, lines: Sequence[Line], subscription: Subscription, quote: Quote | None = None, livemode: bool,
    at: dt.datetime,
) -> Invoice:  # fmt: skip
    """Write a pro forma, open for 30 days. Francs below a step of 5 go in the customer's favour, on a line of their own.

    With a quote what is due is the quote's; without one the customer's free credit is used, as far as what is left can
    still be paid. When nothing is left to pay the caller settles it at once, without a payment.

    :raises CreditSpent: the quote counts on credit that another invoice has taken since.
    :raises SellerMissing: nobody is named who could write it.
    :raises ValueError: the lines are fewer than one, sum to less than nothing, or are not what the quote says.
    """
    # Two pro formas at once would count on the same credit; and a quote's is looked at once more.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    seller = sellers.seller_in_force(at)
    total, credit_used = _amounts(user, lines, quote, livemode=livemode)
    invoice = Invoice(
        purpose=purpose,
        user=user,
        subscription=subscription,
        quote=quote,
        livemode=livemode,
        language=user.language,
        total=total,
        credit_used=credit_used,
        amount_due=total - credit_used,
        seller=sellers.printed(seller),
        buyer=buyers.printed(user),
        created_at=at,
        lapses_at=at + PRO_FORMA_VALID,
    )
    rows = [_row(invoice, position, line) for position, line in enumerate(_with_rounding(lines, total), start=1)]
    _apply_tax(invoice, rows, seller)
    invoice.pro_forma_number = take_number(Series.pro_formas(livemode=livemode), at=at)
    invoice.save(force_insert=True)
    InvoiceLine.objects.bulk_create(rows)
    return invoice


@transaction.atomic
def settle_invoice(*, invoice_id: uuid.UUID, payment: Payment | None, at: dt.datetime) -> Settlement:
    """Issue an invoice: it takes its number, and what it says is frozen and posted.

    The payment has succeeded already, in the caller's transaction; None settles what credit covers wholly. A lapsed pro
    forma is issued all the same. What is paid already, withdrawn, or counts on credit that is gone turns the payment
    into the customer's credit. Harmless when repeated with the same payment.

    :raises ValueError: the payment is another invoice's, or is missing where something is due.
    """
    seen = Invoice.objects.only("user_id").get(pk=invoice_id)
    # The same order as in `draft`: the customer, then the invoice. A grant that follows writes the customer's rights.
    User.objects.select_for_update(no_key=True).get(pk=seen.user_id)
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=invoice_id)
    if payment is not None and (payment.invoice_id != invoice.pk or payment.livemode != invoice.livemode):
        raise ValueError(f"payment {payment.pk} is not of invoice {invoice.pk}")
    if invoice.state == InvoiceState.PAID and (payment is None or invoice.paid_with.get("reference") == str(payment.reference)):
        return Settlement(invoice, is_issued=True)
    if payment is None:
        if invoice.amount_due or not _is_issuable(invoice):
            raise ValueError(f"invoice {invoice.pk} needs a payment")
    else:
        _post_payment(invoice, payment, at)
        if not _is_issuable(invoice) or payment.amount != invoice.amount_due:
            _post_surplus(invoice, payment, at)
            return Settlement(invoice, is_issued=False)
    _issue(invoice, payment, at)
    return Settlement(invoice, is_issued=True)


@transaction.atomic
def void(*, invoice_id: uuid.UUID, at: dt.datetime) -> Invoice:
    """Withdraw a pro forma; money that still arrives for it becomes credit. Harmless when it is closed already.

    :raises AlreadyPaid: it is an invoice now, which only a credit note corrects.
    """
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    if invoice.state == InvoiceState.PAID:
        raise AlreadyPaid
    if invoice.state == InvoiceState.OPEN:
        invoice.state, invoice.closed_at = InvoiceState.VOID, at
        invoice.save(update_fields=["state", "closed_at"])
    return invoice


@transaction.atomic
def lapse(*, at: dt.datetime) -> int:
    """Close pro formas whose 30 days are over, unless a payment may still come; returns how many, 500 at most.

    Their credit is free again.
    """
    running = Payment.objects.filter(invoice=OuterRef("pk"), state__in=LIVE_PAYMENT_STATES)
    due = Invoice.objects.filter(~Exists(running), state=InvoiceState.OPEN, lapses_at__lte=at).order_by("lapses_at")
    locked = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True).values_list("pk", flat=True)[:LAPSE_BATCH])
    return Invoice.objects.filter(pk__in=locked).update(state=InvoiceState.LAPSED, closed_at=at)


def _amounts(user: User, lines: Sequence[Line], quote: Quote | None, *, livemode: bool) -> tuple[int, int]:
    """The total with tax, and the credit used of it."""
    charged = sum(line.total for line in lines)
    if not lines or charged < 0:
        raise ValueError(f"{len(lines)} lines of {charged} in all")
    free = available_credit(user.pk, livemode=livemode)
    if quote is None:
        total = charged - charged % AMOUNT_STEP
        return total, credit_to_use(total, free)
    total = quote.credit_used + quote.amount_due
    if not 0 <= charged - total < AMOUNT_STEP:
        raise ValueError(f"lines of {charged} for a quote of {total}")
    if quote.credit_used > free:
        raise CreditSpent
    return total, quote.credit_used


def _with_rounding(lines: Sequence[Line], total: int) -> list[Line]:
    rest = total - sum(line.total for line in lines)
    return [*lines, *([Line("Arrondi en votre faveur", "Rounding in your favour", rest)] if rest else [])]


def _row(invoice: Invoice, position: int, line: Line) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        position=position,
        description_fr=line.description_fr,
        description_en=line.description_en,
        total=line.total,
        period_start=line.period_start,
        period_end=line.period_end,
    )


def _apply_tax(invoice: Invoice, rows: Sequence[InvoiceLine], seller: Seller) -> None:
    """Split every line, and the invoice by their sums, as the seller owes the tax now."""
    invoice.vat_basis_points = VAT_BASIS_POINTS if seller.is_vat_applied else 0
    splits = split_lines([row.total for row in rows], invoice.vat_basis_points)
    for row, part in zip(rows, splits, strict=True):
        row.net, row.vat = part.net, part.vat
    invoice.net, invoice.vat = sum(part.net for part in splits), sum(part.vat for part in splits)


def _is_issuable(invoice: Invoice) -> bool:
    if invoice.state not in {InvoiceState.OPEN, InvoiceState.LAPSED}:
        return False
    # A lapsed pro forma no longer holds its credit: another invoice, or a refund, may have had it.
    return invoice.credit_used == 0 or credit_of(invoice.user_id) >= invoice.credit_used


def _issue(invoice: Invoice, payment: Payment | None, at: dt.datetime) -> None:
    seller = sellers.seller_in_force(at)
    rows = list(invoice.lines.all())
    rate = invoice.vat_basis_points
    _apply_tax(invoice, rows, seller)
    if invoice.vat_basis_points != rate:
        InvoiceLine.objects.bulk_update(rows, ["net", "vat"])
    invoice.seller = sellers.printed(seller)
    if invoice.user.deleted_at is None:
        invoice.buyer = buyers.printed(invoice.user)
    invoice.paid_with = _paid_with(payment, at)
    invoice.check_code = new_check_code()
    invoice.state, invoice.issued_at, invoice.closed_at = InvoiceState.PAID, at, None
    _post_sale(invoice, at)
    # The last thing: whoever issues next waits from here to the commit.
    invoice.number = take_number(Series.invoices(livemode=invoice.livemode), at=at)
    invoice.save(
        update_fields=[
            "number", "state", "net", "vat", "vat_basis_points", "seller", "buyer", "paid_with", "check_code", "issued_at", "closed_at",
        ]
    )  # fmt: skip
    events.publish(invoice_issued, key=invoice.pk, invoice_id=str(invoice.pk))


def _paid_with(payment: Payment | None, at: dt.datetime) -> dict[str, str]:
    """The payment line: names and numbers that both sides can look up, and no whole phone number."""
    if payment is None:
        return {"method": "credit", "at": at.isoformat()}
    return {
        "method": payment.provider,
        "operator": payment.operator,
        "reference": str(payment.reference),
        "transaction_id": payment.transaction_id,
        "payer": masked_phone(payment.msisdn),
        "at": (payment.finished_at or at).isoformat(),
    }


def _post_payment(invoice: Invoice, payment: Payment, at: dt.datetime) -> None:
    if not invoice.livemode:
        return
    legs = [
        Leg(AccountKind.CLEARING, payment.amount, provider=payment.provider),
        Leg(AccountKind.RECEIVABLE, -payment.amount, user_id=invoice.user_id),
    ]
    ledger.post(kind=PostingKind.PAYMENT, cause=payment, legs=legs, at=at)


def _post_surplus(invoice: Invoice, payment: Payment, at: dt.datetime) -> None:
    if not invoice.livemode:
        return
    legs = [
        Leg(AccountKind.RECEIVABLE, payment.amount, user_id=invoice.user_id),
        Leg(AccountKind.CREDIT, -payment.amount, user_id=invoice.user_id),
    ]
    ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=legs, at=at)


def _post_sale(invoice: Invoice, at: dt.datetime) -> None:
    if not invoice.livemode:
        return
    sale = [
        Leg(AccountKind.RECEIVABLE, invoice.total, user_id=invoice.user_id),
        Leg(AccountKind.REVENUE, -invoice.net),
        Leg(AccountKind.VAT, -invoice.vat),
    ]
    used = [
        Leg(AccountKind.CREDIT, invoice.credit_used, user_id=invoice.user_id),
        Leg(AccountKind.RECEIVABLE, -invoice.credit_used, user_id=invoice.user_id),
    ]
    ledger.post(kind=PostingKind.SALE, cause=invoice, legs=sale, at=at)
    ledger.post(kind=PostingKind.CREDIT_USED, cause=invoice, legs=used, at=at)
