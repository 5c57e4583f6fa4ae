"""What is sold, at which price, and what it gives."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import PricingTier
from apps.billing.choices import Period, Product
from apps.core.ids import uuid7


class Price(models.Model):
    """A line of the price book: francs with tax for one product, tier and period, from a date on.

    Never edited: a new price is a new row, and a subscription keeps the row that it was sold at.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.CharField(_("produit"), max_length=30, choices=Product)
    tier = models.CharField(_("grille de prix"), max_length=20, choices=PricingTier)
    period = models.CharField(_("période"), max_length=10, choices=Period)
    amount = models.PositiveIntegerField(_("prix TTC (F CFA)"))
    valid_from = models.DateTimeField(_("en vigueur dès le"))
    # Not offered any more; who has it keeps it.
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)
    created_at = models.DateTimeField(_("créé le"))

    class Meta:
        db_table = "billing_prices"
        verbose_name = _("prix")
        verbose_name_plural = _("prix")
        ordering = ("product", "tier", "amount")
        constraints = (
            models.CheckConstraint(condition=Q(product__in=Product.values), name="billing_prices_product_known"),
            models.CheckConstraint(condition=Q(tier__in=PricingTier.values), name="billing_prices_tier_known"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="billing_prices_period_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_prices_amount_positive"),
            models.UniqueConstraint(F("product"), F("tier"), F("period"), F("valid_from"), name="billing_prices_once"),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.tier} {self.period} {self.amount}"


class ProductRight(models.Model):
    """A right that a product gives while it is paid for. `key` is one of the registry of accounts or of listings."""

    product = models.CharField(_("produit"), max_length=30, choices=Product)
    key = models.CharField(_("droit"), max_length=30)
    value = models.PositiveIntegerField(_("valeur"))

    class Meta:
        db_table = "billing_product_rights"
        verbose_name = _("droit d’un produit")
        verbose_name_plural = _("droits des produits")
        constraints = (
            models.CheckConstraint(condition=Q(product__in=Product.values), name="billing_product_rights_product_known"),
            models.UniqueConstraint(F("product"), F("key"), name="billing_product_rights_once"),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.key}"
