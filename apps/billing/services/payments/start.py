"""Beginning a payment: everything is checked and committed here, and nothing leaves the machine."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import InvoiceState, Operator, PaymentState, ProviderCode, Rail, Reason
from apps.billing.constants import AMOUNT_MAX, AMOUNT_MIN, LIVE_PAYMENT_STATES
from apps.billing.exceptions import AlreadyPaid, OperatorUnavailable, PaymentRefused, PaymentRunning
from apps.billing.models import Invoice, Payment, ProviderState
from apps.billing.providers import registry
from apps.billing.providers.numbering import guess_operator, parse_payer
from apps.billing.services.payments import breaker
from apps.billing.services.payments.numbers import new_callback_token, new_order_id
from apps.billing.services.payments.schedule import WINDOW, scaled
from apps.billing.services.payments.transitions import Trigger, move, note, write
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid, NotFound


@transaction.atomic
def start(
    *, invoice_id: uuid.UUID, user: User, operator: Operator | None, phone: str, livemode: bool, at: dt.datetime,
    despite_unknown: bool = False,
) -> Payment:  # fmt: skip
    """Commit one attempt to pay an invoice; a worker asks the operator for it.

    Harmless when repeated: while an attempt of the same phone runs, it comes back. One that ended, or went past its window,
    makes room for another; the older one stays watched.

    :param operator: whose wallet; None: guessed from the number, which can be ported.
    :param despite_unknown: the payer was warned that an attempt that nobody has heard of for 15 minutes may still take his money.
    :raises NotFound: no such invoice of this user, in this mode. :raises AlreadyPaid: nothing is owed.
    :raises PaymentRefused: the invoice is closed, or its amount is not for this operator. :raises FieldsInvalid: the operator is unclear.
    :raises DomainError: the phone is no payer's number (see `numbering.parse_payer`).
    :raises PaymentRunning: another attempt may still take the money. :raises OperatorUnavailable: switched off, cut or not offered.
    """
    invoice = Invoice.objects.filter(pk=invoice_id, user=user, livemode=livemode).first()
    if invoice is None:
        raise NotFound
    _check_invoice(invoice, at=at)
    msisdn = parse_payer(phone, settings.MTN_MOMO_TARGET_ENVIRONMENT)
    operator = operator or guess_operator(msisdn)
    if operator is None:
        raise FieldsInvalid([("/operator", "required", _("Choisissez l’opérateur de ce numéro : MTN ou Orange."))])
    running = _running(invoice)
    if running is not None and not _makes_room(running, despite_unknown=despite_unknown, at=at):
        return _same(running, msisdn, operator)
    code = ProviderCode.FAKE if not livemode else registry.offered(operator)
    if code is None:
        raise OperatorUnavailable
    if not breaker.takes_payments(code, at=at):
        raise OperatorUnavailable
    _check_amount(breaker.state_of(code), invoice)
    payment = Payment(
        order_id=new_order_id(), invoice=invoice, user=user, livemode=livemode, provider=code, operator=operator, msisdn=msisdn,
        amount=invoice.amount_due, currency=invoice.currency, provider_amount=invoice.amount_due,
        provider_currency=registry.provider(code).currency, callback_token=new_callback_token(), created_at=at,
        expires_at=at + scaled(WINDOW), next_query_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError:
        # A double click: the database let one of both through.
        winner = _running(invoice)
        if winner is None:
            raise
        return _same(winner, msisdn, operator)
    note(payment, cause="started", at=at, actor=user)
    publish(events.payment_created, key=payment.pk, payment_id=str(payment.pk))
    return payment


def _check_invoice(invoice: Invoice, *, at: dt.datetime) -> None:
    if invoice.state == InvoiceState.PAID:
        raise AlreadyPaid
    if invoice.state != InvoiceState.OPEN or invoice.lapses_at <= at:
        raise PaymentRefused(_("Cette facture pro forma n’est plus valable. Demandez-en une nouvelle."))
    if invoice.amount_due <= 0:
        raise PaymentRefused(_("Il n’y a rien à payer sur cette facture."))


def _check_amount(state: ProviderState, invoice: Invoice) -> None:
    lowest, highest = state.amount_min or AMOUNT_MIN, state.amount_max or AMOUNT_MAX
    if invoice.amount_due < lowest:
        detail = _("Cet opérateur ne prend pas moins de %(amount)s F CFA par paiement.") % {"amount": lowest}
        raise PaymentRefused(detail, amount_min=lowest)
    if invoice.amount_due > highest:
        detail = _("Cet opérateur ne prend pas plus de %(amount)s F CFA par paiement : payez par virement bancaire.") % {"amount": highest}
        raise PaymentRefused(detail, amount_max=highest)


def _running(invoice: Invoice) -> Payment | None:
    return Payment.objects.filter(invoice=invoice, state__in=LIVE_PAYMENT_STATES, superseded=False).first()


def _same(running: Payment, msisdn: str, operator: Operator) -> Payment:
    """The attempt that runs, for whoever asks for the same."""
    if (running.msisdn, running.operator) != (msisdn, operator) or running.mismatch:
        raise PaymentRunning(payment_id=str(running.pk))
    return running


def _makes_room(running: Payment, *, despite_unknown: bool, at: dt.datetime) -> bool:
    """Whether another attempt may begin beside one that is not at its end. A frozen mismatch never lets one."""
    if running.state != PaymentState.UNKNOWN or running.mismatch:
        return False
    is_free = running.leased_until is None or running.leased_until <= at
    if _has_no_page(running) and is_free:
        # Nobody can pay on a page that nobody has seen.
        return move(running, Trigger.NEVER_RECEIVED, at=at, reason=Reason.NEVER_RECEIVED, next_query_at=None, leased_until=None)
    if despite_unknown and at >= running.expires_at:
        write(running, superseded=True)
        note(running, cause="superseded", at=at)
        return True
    return False


def _has_no_page(payment: Payment) -> bool:
    provider = registry.provider(ProviderCode(payment.provider))
    return provider.rail is Rail.REDIRECT and not payment.provider_token
