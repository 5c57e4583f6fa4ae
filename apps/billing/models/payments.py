"""Payments, refunds, and everything that was said with operators about them."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import CallKind, Operator, PaymentState, ProviderCode, Reason, RefundState
from apps.billing.constants import CURRENCY, LIVE_PAYMENT_STATES
from apps.billing.models.invoices import Invoice
from apps.core.ids import uuid7


class Payment(models.Model):
    """One attempt to pay one invoice. Changes only by compare-and-swap on `version` (`services.payments.transitions`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The only id that operators see; committed before the first call.
    reference = models.UUIDField(_("référence"), default=uuid.uuid4, unique=True, editable=False)
    # For operators that refuse 36 characters: `P` and 17 of Crockford's base 32.
    order_id = models.CharField(_("numéro de commande"), max_length=20, unique=True, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", verbose_name=_("facture"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payments", verbose_name=_("client"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode)
    operator = models.CharField(_("opérateur"), max_length=10, choices=Operator, blank=True)
    msisdn = models.CharField(_("payeur"), max_length=16, blank=True)
    amount = models.PositiveIntegerField(_("montant (F CFA)"))
    currency = models.CharField(_("monnaie"), max_length=3, default=CURRENCY)
    # What the operator was really asked for: the same figure in EUR or OUV in its sandbox.
    provider_amount = models.PositiveIntegerField(_("montant demandé"))
    provider_currency = models.CharField(_("monnaie demandée"), max_length=3)
    provider_token = models.CharField(_("jeton de l’opérateur"), max_length=255, blank=True)
    notif_token_hash = models.CharField(max_length=64, blank=True)
    # Unguessable end of the callback's address.
    callback_token = models.CharField(max_length=64, unique=True, editable=False)
    page_url = models.URLField(_("page de l’opérateur"), max_length=1000, blank=True)
    transaction_id = models.CharField(_("transaction de l’opérateur"), max_length=100, blank=True)

    state = models.CharField(_("état"), max_length=10, choices=PaymentState, default=PaymentState.CREATED)
    reason = models.CharField(_("raison"), max_length=30, choices=Reason, blank=True)
    raw_reason = models.CharField(_("mots de l’opérateur"), max_length=255, blank=True)
    # A success that did not match: frozen until a person decides.
    mismatch = models.BooleanField(_("ne correspond pas"), default=False)
    late_success = models.BooleanField(_("succès tardif"), default=False)
    # Another attempt was allowed; this one is still watched.
    superseded = models.BooleanField(_("remplacé"), default=False)
    payer_differs = models.BooleanField(_("autre payeur"), default=False)
    refunded_amount = models.PositiveIntegerField(_("remboursé"), default=0)

    created_at = models.DateTimeField(_("créé le"))
    submitted_at = models.DateTimeField(_("demandé le"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expire le"))
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    # When a worker has to do the next thing: submit what is `created`, query the rest.
    next_query_at = models.DateTimeField(_("prochaine vérification"), null=True, blank=True)
    last_query_at = models.DateTimeField(_("dernière vérification"), null=True, blank=True)
    # Whether what the operator last answered is that it is in progress.
    last_query_answered = models.BooleanField(default=False)
    query_count = models.PositiveIntegerField(_("vérifications"), default=0)
    query_errors = models.PositiveSmallIntegerField(default=0)
    not_found_streak = models.PositiveSmallIntegerField(default=0)
    not_found_since = models.DateTimeField(null=True, blank=True)
    submit_count = models.PositiveSmallIntegerField(_("demandes"), default=0)
    # A worker that took it; past that time another may.
    leased_until = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        db_table = "payments"
        verbose_name = _("paiement")
        verbose_name_plural = _("paiements")
        permissions = (("act_on_payment", _("Peut relancer et clore des paiements")),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payments_state_known"),
            models.CheckConstraint(condition=Q(provider__in=ProviderCode.values), name="payments_provider_known"),
            models.CheckConstraint(condition=Q(currency=CURRENCY), name="payments_in_francs"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_amount_positive"),
            models.CheckConstraint(condition=Q(refunded_amount__lte=F("amount")), name="payments_refunded_within_amount"),
            models.CheckConstraint(
                condition=Q(state__in=(PaymentState.SUCCEEDED, PaymentState.REFUNDED)) | Q(refunded_amount=0),
                name="payments_refund_after_success",
            ),
            models.CheckConstraint(
                condition=~Q(state=PaymentState.REFUNDED) | Q(refunded_amount=F("amount")), name="payments_refunded_is_whole"
            ),
            models.CheckConstraint(condition=Q(livemode=False) | ~Q(provider=ProviderCode.FAKE), name="payments_fake_is_test"),
            models.CheckConstraint(condition=Q(livemode=True) | Q(provider=ProviderCode.FAKE), name="payments_test_is_fake"),
            models.CheckConstraint(
                condition=~Q(state__in=(PaymentState.SUCCEEDED, PaymentState.REFUNDED)) | Q(finished_at__isnull=False),
                name="payments_success_dated",
            ),
            models.UniqueConstraint(
                fields=("invoice",), condition=Q(state__in=LIVE_PAYMENT_STATES, superseded=False), name="payments_one_live_an_invoice"
            ),
            models.UniqueConstraint(
                fields=("provider", "transaction_id"), condition=~Q(transaction_id=""), name="payments_transaction_once"
            ),
        )
        indexes = (
            models.Index(fields=("next_query_at",), condition=Q(next_query_at__isnull=False), name="payments_due"),
            models.Index(fields=("user", "-created_at"), name="payments_by_user"),
            models.Index(fields=("msisdn", "-created_at"), name="payments_by_msisdn"),
            models.Index(fields=("state", "-created_at"), name="payments_by_state"),
            models.Index(fields=("transaction_id",), condition=~Q(transaction_id=""), name="payments_by_transaction"),
            # What a callback without a token of ours in its address may say.
            models.Index(fields=("provider_token",), condition=~Q(provider_token=""), name="payments_by_provider_token"),
            models.Index(fields=("notif_token_hash",), condition=~Q(notif_token_hash=""), name="payments_by_notif_token"),
        )
        triggers = (
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="asked_stays", fields=["reference", "invoice", "amount", "currency", "livemode", "callback_token"]),
        )

    def __str__(self) -> str:
        return str(self.reference)


class Refund(models.Model):
    """Money given back: asked for by one person, approved by another, sent and watched like a payment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.UUIDField(_("référence"), default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("paiement"))
    amount = models.PositiveIntegerField(_("montant (F CFA)"))
    state = models.CharField(_("état"), max_length=10, choices=RefundState, default=RefundState.REQUESTED)
    motive = models.CharField(_("motif"), max_length=255)
    reason = models.CharField(_("raison de l’échec"), max_length=30, choices=Reason, blank=True)
    raw_reason = models.CharField(_("mots de l’opérateur"), max_length=255, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("demandé par")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("décidé par")
    )
    # The customer's credit is paid out: no invoice is corrected.
    from_credit = models.BooleanField(_("sur l’avoir du client"), default=False)
    credit_note = models.OneToOneField(
        "billing.CreditNote", models.PROTECT, related_name="refund", null=True, blank=True, verbose_name=_("avoir")
    )
    ends_rights = models.BooleanField(_("met fin à l’abonnement"), default=False)
    # Paid out by hand where the operator has no refund API: where the proof is.
    is_manual = models.BooleanField(_("versé à la main"), default=False)
    evidence = models.CharField(_("preuve du versement"), max_length=255, blank=True)
    transaction_id = models.CharField(_("transaction de l’opérateur"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("demandé le"))
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    next_query_at = models.DateTimeField(_("prochaine vérification"), null=True, blank=True)
    query_count = models.PositiveIntegerField(default=0)
    query_errors = models.PositiveSmallIntegerField(default=0)
    not_found_streak = models.PositiveSmallIntegerField(default=0)
    not_found_since = models.DateTimeField(null=True, blank=True)
    submit_count = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        db_table = "refunds"
        verbose_name = _("remboursement")
        verbose_name_plural = _("remboursements")
        permissions = (("request_refund", _("Peut demander un remboursement")), ("approve_refund", _("Peut approuver un remboursement")))
        constraints = (
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="refunds_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refunds_amount_positive"),
            models.CheckConstraint(
                condition=Q(state=RefundState.REQUESTED) | (Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
                name="refunds_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(is_manual=True, state=RefundState.SUCCEEDED) | ~Q(evidence=""), name="refunds_manual_proved"
            ),
        )
        indexes = (
            models.Index(fields=("payment", "-created_at"), name="refunds_by_payment"),
            models.Index(fields=("next_query_at",), condition=Q(next_query_at__isnull=False), name="refunds_due"),
        )
        triggers = (pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return str(self.reference)


class PaymentEvent(models.Model):
    """A line of a payment's history: what changed it, or tried to. Append-only."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events", verbose_name=_("paiement"))
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="events", null=True, blank=True, verbose_name=_("remboursement"))
    from_state = models.CharField(_("de"), max_length=10, blank=True)
    to_state = models.CharField(_("à"), max_length=10, blank=True)
    cause = models.CharField(_("cause"), max_length=40)
    detail = models.CharField(_("détail"), max_length=255, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("par"))
    at = models.DateTimeField(_("le"))

    class Meta:
        db_table = "payment_events"
        verbose_name = _("événement d’un paiement")
        verbose_name_plural = _("événements de paiements")
        indexes = (models.Index(fields=("payment", "id"), name="payment_events_by_payment"),)
        triggers = (
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="append_only", fields=["payment", "refund", "from_state", "to_state", "cause", "detail", "at"]),
        )

    def __str__(self) -> str:
        return self.cause


class ProviderCall(models.Model):
    """A call to an operator: written before it leaves, completed when it is back. Secrets are left out."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="calls", null=True, blank=True, verbose_name=_("paiement"))
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="calls", null=True, blank=True, verbose_name=_("remboursement"))
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode)
    kind = models.CharField(_("genre"), max_length=12, choices=CallKind)
    order_id = models.CharField(_("numéro de commande"), max_length=20, blank=True)
    method = models.CharField(max_length=6)
    path = models.CharField(_("adresse"), max_length=255)
    http_status = models.PositiveSmallIntegerField(_("réponse"), null=True, blank=True)
    body = models.TextField(_("contenu"), max_length=4000, blank=True)
    error = models.CharField(_("erreur"), max_length=120, blank=True)
    started_at = models.DateTimeField(_("parti le"))
    ended_at = models.DateTimeField(_("revenu le"), null=True, blank=True)

    class Meta:
        db_table = "provider_calls"
        verbose_name = _("appel à un opérateur")
        verbose_name_plural = _("appels aux opérateurs")
        indexes = (
            models.Index(fields=("payment", "id"), name="provider_calls_by_payment"),
            models.Index(fields=("started_at",), name="provider_calls_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.http_status}"


class CallbackReceipt(models.Model):
    """What somebody sent to a callback address, raw. Never believed: it only hastens a query."""

    id = models.BigAutoField(primary_key=True)
    # Empty for the bare path.
    token = models.CharField(max_length=64, blank=True)
    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode, blank=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="callbacks", null=True, blank=True, verbose_name=_("paiement"))
    method = models.CharField(max_length=6)
    headers = models.JSONField(_("en-têtes"), default=dict)
    body = models.BinaryField(_("contenu"), default=bytes)
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("reçu le"))

    class Meta:
        db_table = "callback_inbox"
        verbose_name = _("avis d’un opérateur")
        verbose_name_plural = _("avis des opérateurs")
        constraints = (models.UniqueConstraint(F("token"), F("digest"), name="callback_inbox_once"),)
        indexes = (
            models.Index(fields=("payment", "id"), name="callback_inbox_by_payment"),
            models.Index(fields=("token", "received_at"), name="callback_inbox_by_token"),
            models.Index(fields=("received_at",), name="callback_inbox_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.received_at:%F %T}"


class ProviderState(models.Model):
    """How an operator does, shared by all workers: circuit breaker, kill switch, bounds, balance."""

    provider = models.CharField(_("canal"), max_length=12, choices=ProviderCode, primary_key=True)
    # The kill switch: new submits stop, queries and refunds go on.
    accepts = models.BooleanField(_("prend de nouveaux paiements"), default=True)
    amount_min = models.PositiveIntegerField(_("montant minimum"), null=True, blank=True)
    amount_max = models.PositiveIntegerField(_("montant maximum"), null=True, blank=True)
    errors_in_a_row = models.PositiveIntegerField(_("erreurs de suite"), default=0)
    opened_at = models.DateTimeField(_("coupé depuis"), null=True, blank=True)
    probe_at = models.DateTimeField(_("prochain essai"), null=True, blank=True)
    # When the next query may leave: all workers stand in one line.
    next_query_slot = models.DateTimeField(null=True, blank=True, editable=False)
    last_answer_at = models.DateTimeField(_("dernière réponse"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("dernier paiement réussi"), null=True, blank=True)
    last_callback_at = models.DateTimeField(_("dernier avis"), null=True, blank=True)
    balance = models.BigIntegerField(_("solde annoncé"), null=True, blank=True)
    balance_at = models.DateTimeField(_("solde lu le"), null=True, blank=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        db_table = "provider_states"
        verbose_name = _("opérateur")
        verbose_name_plural = _("opérateurs")
        constraints = (models.CheckConstraint(condition=Q(provider__in=ProviderCode.values), name="provider_states_provider_known"),)

    def __str__(self) -> str:
        return self.get_provider_display()
