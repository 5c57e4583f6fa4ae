"""Who pays for what, until when, and what will change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.billing.choices import ChangeKind, ChangeState, Period, Product, Purpose, SubscriptionState
from apps.billing.constants import ACCOUNT_PRODUCTS, LISTING_PRODUCTS, LIVE_SUBSCRIPTION_STATES
from apps.billing.models.prices import Price
from apps.catalog.models import Resource
from apps.core.ids import uuid7


class Subscription(models.Model):
    """A product for one target: a listing, or the account itself when `resource` is null. One live one a target."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="subscriptions", verbose_name=_("payeur"))
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="subscriptions", null=True, blank=True, verbose_name=_("fiche"))
    product = models.CharField(_("produit"), max_length=30, choices=Product)
    price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("prix"))
    period = models.CharField(_("période"), max_length=10, choices=Period)
    state = models.CharField(_("état"), max_length=10, choices=SubscriptionState, default=SubscriptionState.PENDING)
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    started_at = models.DateTimeField(_("commencé le"), null=True, blank=True)
    period_start = models.DateTimeField(_("période payée, début"), null=True, blank=True)
    period_end = models.DateTimeField(_("période payée, fin"), null=True, blank=True)
    # Day of the month that its months and years are counted from: the 31st comes back after February.
    anchor_day = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    cancel_at_period_end = models.BooleanField(_("résiliation demandée"), default=False)
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    end_reason = models.CharField(_("raison de la fin"), max_length=40, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("créé le"))
    updated_at = models.DateTimeField(_("modifié le"))

    class Meta:
        db_table = "subscriptions"
        verbose_name = _("abonnement")
        verbose_name_plural = _("abonnements")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=SubscriptionState.values), name="subscriptions_state_known"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="subscriptions_period_known"),
            models.CheckConstraint(
                condition=Q(product__in=LISTING_PRODUCTS, resource__isnull=False) | Q(product__in=ACCOUNT_PRODUCTS, resource__isnull=True),
                name="subscriptions_target_fits_product",
            ),
            models.CheckConstraint(
                condition=Q(state=SubscriptionState.PENDING)
                | Q(state__in=(SubscriptionState.CANCELLED, SubscriptionState.EXPIRED))
                | Q(period_start__isnull=False, period_end__isnull=False, started_at__isnull=False),
                name="subscriptions_paid_period_known",
            ),
            models.CheckConstraint(
                condition=Q(period_end__isnull=True) | Q(period_end__gt=F("period_start")), name="subscriptions_period_ordered"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(SubscriptionState.CANCELLED, SubscriptionState.EXPIRED)) | Q(ended_at__isnull=False),
                name="subscriptions_end_dated",
            ),
            models.UniqueConstraint(
                fields=("resource",),
                condition=Q(state__in=LIVE_SUBSCRIPTION_STATES, resource__isnull=False),
                name="subscriptions_one_live_a_listing",
            ),
            models.UniqueConstraint(
                fields=("user", "livemode"),
                condition=Q(state__in=LIVE_SUBSCRIPTION_STATES, resource__isnull=True),
                name="subscriptions_one_live_an_account",
            ),
        )
        indexes = (
            models.Index(fields=("user", "-created_at"), name="subscriptions_by_user"),
            models.Index(fields=("period_end",), condition=Q(state__in=("active", "past_due")), name="subscriptions_ending"),
            models.Index(fields=("created_at",), condition=Q(state="pending"), name="subscriptions_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.state}"


class Quote(models.Model):
    """A price said before paying, kept for 15 minutes: what is charged is the quote."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("payeur"))
    purpose = models.CharField(_("objet"), max_length=10, choices=Purpose)
    price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("prix"))
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("fiche"))
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("abonnement"))
    change_kind = models.CharField(_("changement"), max_length=10, choices=ChangeKind, blank=True)
    # Francs: the new period's price, what is left of the old one, what earlier small changes owe, customer's credit.
    amount = models.PositiveIntegerField(_("prix"))
    unused_value = models.PositiveIntegerField(_("valeur non consommée"), default=0)
    carried_over = models.PositiveIntegerField(_("reporté"), default=0)
    credit_used = models.PositiveIntegerField(_("avoir employé"), default=0)
    amount_due = models.PositiveIntegerField(_("à payer"))
    period_start = models.DateTimeField(_("début"))
    period_end = models.DateTimeField(_("fin"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    created_at = models.DateTimeField(_("fait le"))
    expires_at = models.DateTimeField(_("valable jusqu’au"))
    used_at = models.DateTimeField(_("employé le"), null=True, blank=True)

    class Meta:
        db_table = "billing_quotes"
        verbose_name = _("devis")
        verbose_name_plural = _("devis")
        constraints = (
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="billing_quotes_period_ordered"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="billing_quotes_expiry_ordered"),
        )
        indexes = (models.Index(fields=("expires_at",), name="billing_quotes_expiry"),)

    def __str__(self) -> str:
        return str(self.pk)


class SubscriptionChange(models.Model):
    """Another price on the same subscription: at once (paid first), or when the paid period ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes", verbose_name=_("abonnement"))
    kind = models.CharField(_("genre"), max_length=10, choices=ChangeKind)
    from_price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("de"))
    to_price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("à"))
    quote = models.ForeignKey(Quote, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("devis"))
    state = models.CharField(_("état"), max_length=10, choices=ChangeState, default=ChangeState.WAITING)
    created_at = models.DateTimeField(_("demandé le"))
    settled_at = models.DateTimeField(_("réglé le"), null=True, blank=True)

    class Meta:
        db_table = "subscription_changes"
        verbose_name = _("changement d’abonnement")
        verbose_name_plural = _("changements d’abonnement")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="subscription_changes_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="subscription_changes_state_known"),
            models.UniqueConstraint(fields=("subscription",), condition=Q(state="waiting"), name="subscription_changes_one_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class CarriedCharge(models.Model):
    """An amount below what operators take: granted at once, added to the next invoice of the payer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("payeur"))
    change = models.OneToOneField(SubscriptionChange, models.PROTECT, related_name="charge", verbose_name=_("changement"))
    amount = models.PositiveIntegerField(_("montant TTC (F CFA)"))
    livemode = models.BooleanField(_("réel"), default=True, editable=False)
    invoice = models.ForeignKey("Invoice", models.SET_NULL, related_name="carried", null=True, blank=True, verbose_name=_("facturé sur"))
    created_at = models.DateTimeField(_("créé le"))

    class Meta:
        db_table = "billing_carried_charges"
        verbose_name = _("montant reporté")
        verbose_name_plural = _("montants reportés")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="billing_carried_charges_positive"),)
        indexes = (models.Index(fields=("user",), condition=Q(invoice__isnull=True), name="billing_carried_waiting"),)

    def __str__(self) -> str:
        return f"{self.amount}"


class Grant(models.Model):
    """What one paid invoice gave, once: the proof that a payment was answered with what it bought."""

    invoice = models.OneToOneField("Invoice", models.PROTECT, primary_key=True, related_name="grant", verbose_name=_("facture"))
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="grants", verbose_name=_("abonnement"))
    price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("prix"))
    period_start = models.DateTimeField(_("début"))
    period_end = models.DateTimeField(_("fin"))
    # What was left of it was turned into something else then: a dearer plan, or credit.
    closed_at = models.DateTimeField(_("remplacé le"), null=True, blank=True)
    created_at = models.DateTimeField(_("donné le"))

    class Meta:
        db_table = "billing_grants"
        verbose_name = _("période accordée")
        verbose_name_plural = _("périodes accordées")
        constraints = (models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="billing_grants_period_ordered"),)

    def __str__(self) -> str:
        return f"{self.period_start:%F} – {self.period_end:%F}"


class Reminder(models.Model):
    """A reminder that was sent for one end of a paid period, so that it is sent once."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="reminders", verbose_name=_("abonnement"))
    period_end = models.DateTimeField(_("échéance"))
    days_before = models.PositiveSmallIntegerField(_("jours avant"))
    sent_at = models.DateTimeField(_("envoyé le"))

    class Meta:
        db_table = "billing_reminders"
        verbose_name = _("rappel")
        verbose_name_plural = _("rappels")
        constraints = (models.UniqueConstraint(F("subscription"), F("period_end"), F("days_before"), name="billing_reminders_once"),)

    def __str__(self) -> str:
        return f"J-{self.days_before}"


class SubscriptionMove(models.Model):
    """A subscription that followed its listing into another one, or became credit there; un-merging restores it."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="moves", verbose_name=_("abonnement"))
    absorbed = models.ForeignKey(Resource, models.PROTECT, related_name="+", verbose_name=_("fiche absorbée"))
    survivor = models.ForeignKey(Resource, models.PROTECT, related_name="+", verbose_name=_("fiche conservée"))
    # Francs that the rest of its period became; 0 when it only moved.
    credit = models.PositiveIntegerField(_("avoir"), default=0)
    before = models.JSONField(_("état d’avant"), default=dict)
    created_at = models.DateTimeField(_("déplacé le"))
    undone_at = models.DateTimeField(_("défait le"), null=True, blank=True)

    class Meta:
        db_table = "billing_subscription_moves"
        verbose_name = _("déplacement d’abonnement")
        verbose_name_plural = _("déplacements d’abonnements")
        constraints = (
            models.UniqueConstraint(
                F("subscription"), F("absorbed"), F("survivor"), condition=Q(undone_at__isnull=True), name="billing_moves_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"
