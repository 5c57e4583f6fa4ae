"""Whatever happens to a customer's plan and payments, in whatever order: his francs, his rights and the books agree after each step."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, cast

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, PaymentState, Period, Product
from apps.billing.constants import GRACE, LIVE_PAYMENT_STATES, LIVE_SUBSCRIPTION_STATES
from apps.billing.models import Case, Grant, Invoice, Payment, Subscription
from apps.billing.providers.port import Callback
from apps.billing.selectors.ledger_proofs import prove_ledger
from apps.billing.services import callbacks, invoices, payments, refunds, renewals, subscriptions
from apps.billing.services.payments.advance import perform
from apps.billing.services.payments.leases import take
from apps.billing.services.payments.moments import Moment
from apps.billing.services.refunds import sending
from apps.billing.tests.believing_operator import FATES, WAITS, BelievingOperator
from apps.billing.tests.payers import clearing_of
from apps.billing.tests.world import AT, open_shop
from apps.catalog.choices import ListingRight
from apps.catalog.selectors.entitlements import entitlements_of
from apps.core.exceptions import DomainError

PLANS = ((Product.LISTING_PREMIUM, Period.WEEK), (Product.LISTING_PREMIUM, Period.MONTH), (Product.LISTING_FEATURED, Period.MONTH))
WEIGHTS = {Product.LISTING_PREMIUM: 1, Product.LISTING_FEATURED: 2}
TURNS_MAX = 400


def staff(*permissions: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return User.objects.get(pk=user.pk)


class Life(RuleBasedStateMachine):
    """One customer, one listing, one operator, and our clock, which only goes on."""

    # What became of payments, invoices and plans in all lives together.
    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._all = transaction.atomic()
        # As a test case's own: the product's durable blocks are inside, as they are in every test.
        self._all._from_testcase = True  # type: ignore[attr-defined]
        self._all.__enter__()
        self.shop = open_shop()
        self.operator = BelievingOperator()
        self.asker, self.decider = staff("request_refund"), staff("approve_refund")
        self.at = AT
        self.is_swept = False
        self.taken_back: set[Any] = set()

    def teardown(self) -> None:
        """In the end everybody knows what the operator knows; nothing of it stays."""
        try:
            self.operator.fate = "pays"
            for _day in range(4):
                self.at += dt.timedelta(days=1)
                self._work()
            open_ones = {str(one.reference): one for one in Payment.objects.all()}
            for reference, one in self.operator.known.items():
                if one.debits:
                    assert open_ones[reference].state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}
            assert clearing_of("mtn") == self.operator.holds
            self.books_close()
            self.reached.update(Payment.objects.values_list("state", flat=True))
            self.reached.update(Subscription.objects.values_list("state", flat=True))
            self.reached.update(Case.objects.values_list("kind", flat=True))
            self.reached.update(Invoice.objects.values_list("purpose", flat=True))
            self.reached["late"] += Payment.objects.filter(late_success=True).count()
        finally:
            transaction.set_rollback(True)
            self._all.__exit__(None, None, None)

    @property
    def live(self) -> Subscription | None:
        """What the listing has."""
        return Subscription.objects.filter(resource=self.shop.listing.pk, state__in=LIVE_SUBSCRIPTION_STATES).first()

    def _pass(self, duration: dt.timedelta) -> None:
        self.at += duration
        self.is_swept = False

    def _work(self) -> None:
        for _turn in range(TURNS_MAX):
            payment = take(at=self.at)
            if payment is not None:
                perform(payment, provider=cast("Any", self.operator), moment=Moment(self.at))
            refund = sending.take(at=self.at)
            if refund is not None:
                sending.perform(refund, provider=cast("Any", self.operator), moment=Moment(self.at))
            if payment is None and refund is None:
                # Workers' own clock went on meanwhile.
                self._pass(dt.timedelta(seconds=30))
                return
        raise AssertionError("the work does not come to an end")

    @rule(plan=st.sampled_from(PLANS))
    def wish(self, plan: tuple[Product, Period]) -> None:
        """He subscribes, renews, changes, or repeats what he asked for."""
        self._try(lambda: self.shop.wants(plan[0], plan[1], at=self.at))

    @initialize(plan=st.sampled_from(PLANS), fate=st.sampled_from(FATES), wait=st.sampled_from(WAITS))
    def first(self, plan: tuple[Product, Period], fate: str, wait: dt.timedelta) -> None:
        """A life begins with a purchase."""
        self.buy(plan, fate, wait)

    @rule(plan=st.sampled_from(PLANS), fate=st.sampled_from(FATES), wait=st.sampled_from(WAITS))
    def buy(self, plan: tuple[Product, Period], fate: str, wait: dt.timedelta) -> None:
        """All of it in a row."""
        self._try(lambda: self.shop.wants(plan[0], plan[1], at=self.at))
        self.start("670000111", fate, despite=False)
        self._work()
        self.poll(wait)

    @rule(phone=st.sampled_from(["670000111", "677000222"]), fate=st.sampled_from(FATES), despite=st.booleans())
    def start(self, phone: str, fate: str, despite: bool) -> None:
        """He pays what is open, perhaps with another phone, perhaps though an attempt is unknown."""
        invoice = Invoice.objects.filter(user=self.shop.owner, state=InvoiceState.OPEN).first()
        if invoice is not None:
            self.operator.fate = fate
            self._try(lambda: payments.start(
                invoice_id=invoice.pk, user=self.shop.owner, operator=None, phone=phone, livemode=True, at=self.at, despite_unknown=despite
            ))  # fmt: skip

    @rule(wait=st.sampled_from(WAITS))
    def poll(self, wait: dt.timedelta) -> None:
        """Time passes, and workers do what is due."""
        self._pass(wait)
        self._work()

    @rule(which=st.integers(0, 5), body=st.sampled_from([b'{"status":"SUCCESSFUL"}', b'{"status":"FAILED"}', b"", b"<html>"]))
    def callback(self, which: int, body: bytes) -> None:
        """Somebody says something, for the first time or again; it is never believed."""
        rows = list(Payment.objects.order_by("pk"))
        if rows:
            before = [(one.pk, one.state) for one in rows]
            heard = Callback("POST", "/", body)
            callbacks.receive(token=rows[which % len(rows)].callback_token, provider="mtn", callback=heard, providers=[], at=self.at)
            assert [(one.pk, one.state) for one in Payment.objects.order_by("pk")] == before

    @rule(which=st.integers(0, 5))
    def late_success(self, which: int) -> None:
        """A payer answers at last, though his prompt was given up; while we still look. Later a statement says it, or a callback."""
        watched = Payment.objects.filter(next_query_at__isnull=False).values_list("reference", flat=True)
        late = [one for name in map(str, watched) if (one := self.operator.known.get(name)) is not None and not one.debits]
        if late:
            late[which % len(late)].fate = "pays"

    @precondition(lambda self: self.live is not None)
    @rule()
    def cancel(self) -> None:
        """He wants no more of it."""
        held = self.live
        assert held is not None
        self._try(lambda: subscriptions.cancel(user=self.shop.owner, subscription_id=held.pk, at=self.at))

    @precondition(lambda self: self.live is not None)
    @rule()
    def resume(self) -> None:
        """He does want it."""
        held = self.live
        assert held is not None
        self._try(lambda: subscriptions.resume(user=self.shop.owner, subscription_id=held.pk, at=self.at))

    @rule(part=st.sampled_from([1, 2]), ends=st.booleans())
    def refund(self, part: int, ends: bool) -> None:
        """Two people give money back, wholly or half of it."""
        paid = Payment.objects.filter(state=PaymentState.SUCCEEDED).order_by("pk").first()
        if paid is not None:

            def decide() -> None:
                asked = refunds.request_refund(
                    payment_id=paid.pk, amount=max(paid.amount // part, 1), motive="Geste", actor=self.asker, at=self.at, is_manual=True
                )
                refunds.approve_refund(refund_id=asked.pk, actor=self.decider, at=self.at, ends_rights=ends)
                refunds.record_manual(refund_id=asked.pk, actor=self.asker, evidence="Reçu", at=self.at)
                self.operator.paid_out[str(asked.reference)] = asked.amount
                if ends:
                    self.taken_back.add(paid.invoice.subscription_id)

            self._try(decide)

    @rule()
    def sweep(self) -> None:
        """The beat's turn: reminders, ends of periods, pro formas that lapse."""
        renewals.run(at=self.at)
        invoices.lapse(at=self.at)
        self.is_swept = True

    def _try(self, act: Any) -> None:
        """Whatever is refused changes nothing."""
        try:
            with transaction.atomic():
                act()
        except DomainError:
            return
        self.is_swept = False

    @invariant()
    def books_close(self) -> None:
        """Every claim about the ledger, with what the database would check at a commit."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert [(proof.name, proof.differences) for proof in prove_ledger() if proof.differences] == []

    @invariant()
    def nothing_is_twice(self) -> None:
        """One live plan, one invoice a quote, one grant an invoice, one debit a payment."""
        assert Subscription.objects.filter(resource=self.shop.listing.pk, state__in=LIVE_SUBSCRIPTION_STATES).count() <= 1
        settled = Invoice.objects.filter(state=InvoiceState.PAID, quote__isnull=False).values("quote").annotate(times=Count("pk"))
        assert [one for one in settled if one["times"] > 1] == []
        assert [one for one in Grant.objects.values("invoice").annotate(times=Count("pk")) if one["times"] > 1] == []
        assert all(one.debits <= 1 for one in self.operator.known.values())
        live = Payment.objects.filter(state__in=LIVE_PAYMENT_STATES, superseded=False).values("invoice").annotate(times=Count("pk"))
        assert [one for one in live if one["times"] > 1] == []
        assert Payment.objects.filter(state=PaymentState.SUCCEEDED).count() <= sum(one.debits for one in self.operator.known.values())

    @invariant()
    def rights_are_the_paid_periods(self) -> None:
        """Whoever paid for now has it; whoever has it paid for now, or is in the grace; after the beat's turn it is that very plan."""
        weight = entitlements_of(self.shop.listing.pk, at=self.at)[ListingRight.RANK_WEIGHT]
        open_ones = Grant.objects.filter(subscription__resource=self.shop.listing.pk, closed_at=None).select_related(
            "subscription", "price"
        )
        now = [one for one in open_ones if one.period_start <= self.at < one.period_end and one.subscription_id not in self.taken_back]
        grace = [one for one in open_ones if one.period_start <= self.at < one.period_end + GRACE[Period(one.price.period)]]
        if now:
            assert weight > 0, "paid and not given"
        if weight:
            assert grace, "given and not paid"
        if now and self.is_swept:
            assert weight == WEIGHTS[Product(now[-1].price.product)]


@pytest.fixture(autouse=True)
def _operator(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = "http://127.0.0.1:9"


@pytest.mark.django_db
def test_any_order() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=14, database=None, derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
    assert {"succeeded", "failed"} <= set(Life.reached), "lives were too short to tell"


@pytest.mark.django_db
def test_what_seldom_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand what chance may not reach: two attempts of one invoice that are both paid, the first one late; a renewal; a refund."""
    monkeypatch.setattr(Life, "reached", Counter())
    soon, minutes, day = dt.timedelta(seconds=20), dt.timedelta(minutes=20), dt.timedelta(days=1)
    life = Life()
    steps: tuple[tuple[Callable[..., None], tuple[Any, ...]], ...] = (
        (life.first, (PLANS[0], "never", minutes)),
        (life.start, ("677000222", "pays", True)),
        (life.poll, (soon,)),
        (life.poll, (soon,)),
        (life.poll, (soon,)),
        (life.late_success, (0,)),
        (life.poll, (day,)),
        (life.buy, (PLANS[0], "pays", minutes)),
        (life.refund, (1, True)),
        (life.sweep, ()),
    )
    try:
        for act, given in steps:
            act(*given)
            life.books_close()
            life.nothing_is_twice()
            life.rights_are_the_paid_periods()
    finally:
        life.teardown()
    assert {"succeeded", "late", "late_duplicate", "renew", "refunded"} <= set(+Life.reached)
