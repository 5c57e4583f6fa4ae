"""Every event of billing from where it happens to a mail that left, in both languages: one test a thing that somebody is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing import events
from apps.billing.choices import CaseKind, PaymentState, Period, Product, ProviderCode, Reason
from apps.billing.models import Payment, TransferProof
from apps.billing.services import cases, ledger_watch, moves, refunds, renewals, transfers
from apps.billing.services.payments import breaker, settle
from apps.billing.services.payments.transitions import Trigger, move
from apps.billing.tests.factories import make_invoice, make_payment
from apps.billing.tests.issuing import issued_invoice, pro_forma, succeeded_payment
from apps.billing.tests.world import DAY, open_shop
from apps.catalog.tests.factories import make_resource
from apps.core.events import Event
from apps.core.models import OutboxDelivery
from apps.core.tasks import sweep_outbox
from apps.notifications.choices import DeliveryState
from apps.notifications.models import Delivery
from apps.notifications.services import sending

pytestmark = pytest.mark.django_db
AT = timezone.now()
# Events that only set our own machines to work. What follows from them is an event of its own.
SILENT = {"payment_created", "callback_received", "nudge_asked", "invoice_issued", "credit_note_issued", "refund_approved"}


class People(NamedTuple):
    """Whoever pays, and who looks after payments."""

    customer: User
    desk: User


def succeeds(who: People) -> None:
    settle.succeed(make_payment(invoice=pro_forma(user=who.customer, at=AT)), transaction_id="T1", at=AT)


def fails(who: People) -> None:
    move(make_payment(invoice=pro_forma(user=who.customer, at=AT)), Trigger.QUERY_FAILED, at=AT, reason=Reason.INSUFFICIENT_FUNDS)


def pays_twice(who: People) -> None:
    invoice = pro_forma(user=who.customer, at=AT)
    first, second = make_payment(invoice=invoice, superseded=True), make_payment(invoice=invoice, msisdn="+237670000112")
    settle.succeed(second, transaction_id="T2", at=AT)
    settle.succeed(first, transaction_id="T1", at=AT)


def nears_its_end(who: People) -> None:
    open_shop(owner=who.customer).buys(Product.LISTING_PREMIUM, Period.MONTH, at=AT - 25 * DAY)
    renewals.run(at=AT)


def goes_past_it(who: People) -> None:
    open_shop(owner=who.customer).buys(Product.LISTING_PREMIUM, Period.MONTH, at=AT - 32 * DAY)
    renewals.run(at=AT)


def is_over(who: People) -> None:
    open_shop(owner=who.customer).buys(Product.LISTING_PREMIUM, Period.DAY, at=AT - 2 * DAY)
    renewals.run(at=AT)


def follows_a_merge(who: People) -> None:
    shop = open_shop(owner=who.customer)
    shop.buys(Product.LISTING_PREMIUM, at=AT)
    survivor = make_resource(user=make_user(), at=AT)
    moves.follow_merge(survivor_id=survivor.pk, absorbed_id=shop.listing.pk, at=AT)


def gets_his_money_back(who: People) -> None:
    payment = Payment.objects.get(invoice=issued_invoice(user=who.customer, at=AT))
    second = make_user()
    for user in (who.desk, second):
        user.user_permissions.add(*Permission.objects.filter(codename__in=("request_refund", "approve_refund")))
    refund = refunds.request_refund(
        payment_id=payment.pk, amount=500, motive="Erreur", actor=User.objects.get(pk=second.pk), at=AT, is_manual=True
    )
    refunds.approve_refund(refund_id=refund.pk, actor=User.objects.get(pk=who.desk.pk), at=AT)
    refunds.record_manual(refund_id=refund.pk, actor=User.objects.get(pk=who.desk.pk), evidence="Reçu 12", at=AT)


def books_differ(who: People) -> None:
    succeeded_payment(pro_forma(user=who.customer, at=AT), at=AT)
    assert ledger_watch.watch_ledger(at=AT) > 0


def differs(_who: People) -> None:
    cases.open_case(kind=CaseKind.STUCK, payment=make_payment(), at=AT)


def operator_falls_silent(_who: People) -> None:
    for _ in range(breaker.ERRORS_MAX):
        breaker.note_silence(ProviderCode.MTN, at=AT)


def transfer_is_refused(who: People) -> None:
    who.desk.user_permissions.add(Permission.objects.get(codename="check_transfer"))
    proof = TransferProof.objects.create(
        invoice=make_invoice(user=who.customer), bank_reference="VIR 77", amount=2500, sent_by=who.customer, created_at=AT
    )
    transfers.refuse_proof(proof_id=proof.pk, actor=User.objects.get(pk=who.desk.pk), reason="Illisible", at=AT)


Happening = Callable[[People], None]
# What makes each event happen, the message that tells it, and who reads it.
TOLD: dict[str, tuple[Happening, str, str]] = {
    "payment_succeeded": (succeeds, "payment_succeeded", "customer"),
    "payment_failed": (fails, "payment_failed", "customer"),
    "payment_surplus": (pays_twice, "payment_surplus", "customer"),
    "renewal_due": (nears_its_end, "renewal_due", "customer"),
    "subscription_past_due": (goes_past_it, "past_due", "customer"),
    "subscription_ended": (is_over, "subscription_ended", "customer"),
    "subscription_changed": (follows_a_merge, "subscription_changed", "customer"),
    "refund_succeeded": (gets_his_money_back, "refund_succeeded", "customer"),
    "transfer_refused": (transfer_is_refused, "transfer_refused", "customer"),
    "ledger_differs": (books_differ, "ledger_differs", "desk"),
    "case_opened": (differs, "billing_case", "desk"),
    "operator_alarm": (operator_falls_silent, "operator_alarm", "desk"),
}


def test_every_event_is_told_or_is_silent_for_a_reason() -> None:
    declared = {name for name, value in vars(events).items() if isinstance(value, Event)}
    assert declared == set(TOLD) | SILENT


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("event", sorted(TOLD))
def test_from_the_event_to_the_mail(event: str, language: str) -> None:
    happen, message, reader = TOLD[event]
    customer = make_user(email="awa@exemple.cm", language=language)
    desk = make_user(email="caisse@exemple.cm", language=language, is_staff=True)
    desk.user_permissions.add(Permission.objects.get(codename="act_on_payment"))

    happen(People(customer, desk))
    leave()

    address = customer.email if reader == "customer" else desk.email
    delivery = Delivery.objects.get(message=message, address=address)
    assert (delivery.language, delivery.state) == (language, DeliveryState.SENT)
    mails = [one for one in mail.outbox if one.to == [address]]
    assert mails
    if event == "ledger_differs":
        assert {"fr": "chaque paiement réussi est comptabilisé une fois", "en": "each live payment that succeeded is posted once"}[
            language
        ] in " ".join(str(mails[0].body).split())
    # The worker that sends a refund refuses to run inside a transaction, which every test is.
    assert not OutboxDelivery.objects.filter(receiver__startswith="notifications.").exclude(last_error="").exists()


def leave() -> None:
    """The workers' turn: events to their receivers, messages to the port."""
    sweep_outbox()
    sending.sweep_deliveries(at=timezone.now() + dt.timedelta(seconds=1))


def subjects(message: str) -> list[str]:
    return list(Delivery.objects.filter(message=message).values_list("address", flat=True))


def test_whoever_has_a_receipt_is_not_told_of_the_change_too() -> None:
    settle.succeed(make_payment(invoice=pro_forma(user=make_user(), at=AT)), transaction_id="T1", at=AT)
    leave()
    assert len(subjects("payment_succeeded")) == 1
    assert subjects("subscription_changed") == []


def test_money_for_what_another_subscription_pays_is_told_as_credit() -> None:
    shop = open_shop()
    late = shop.wants(Product.LISTING_PREMIUM, at=AT - 3 * DAY).invoice
    assert late is not None
    payment = make_payment(invoice=late, state=PaymentState.EXPIRED, at=AT - 3 * DAY, finished_at=AT - 3 * DAY)
    renewals.run(at=AT)
    shop.buys(Product.LISTING_PREMIUM, at=AT)

    settle.succeed(payment, transaction_id="T9", at=AT)
    leave()

    assert subjects("payment_surplus") == [shop.owner.email]
    assert "payment_succeeded" not in set(Delivery.objects.values_list("message", flat=True))
