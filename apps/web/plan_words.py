"""Plans, periods and states of paying in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.billing.choices import Period, Product, SubscriptionState
from apps.billing.models import Invoice, InvoiceLine, Price, Subscription
from apps.core.money import format_xaf
from apps.core.numbers import group_thousands
from apps.core.templatetags.eco import date_short

SUBSCRIPTION_TONES = {
    SubscriptionState.PENDING: "sun", SubscriptionState.ACTIVE: "brand", SubscriptionState.PAST_DUE: "clay",
    SubscriptionState.CANCELLED: "", SubscriptionState.EXPIRED: "",
}  # fmt: skip


def per_period(period: str) -> str:
    """`par mois`."""
    return {
        Period.DAY: _("par jour"), Period.WEEK: _("par semaine"), Period.MONTH: _("par mois"), Period.YEAR: _("par an"),
    }[Period(period)]  # fmt: skip


def price_words(price: Price) -> str:
    """`2 500 F CFA par mois`."""
    return f"{format_xaf(price.amount)} {per_period(price.period)}"


def product_words(product: str, period: str) -> str:
    """`Fiche à la une, un mois`."""
    length = {Period.DAY: _("un jour"), Period.WEEK: _("une semaine"), Period.MONTH: _("un mois"), Period.YEAR: _("un an")}
    return _("%(product)s, %(length)s") % {"product": Product(product).label, "length": length[Period(period)]}


def right_words(rights: Mapping[str, int], product: str) -> list[str]:
    """What a product gives, the most telling first; a right without words of its own is not told."""
    said: dict[str, Callable[[int], str]] = {
        "featured_label": lambda _n: _("Premières places des listes, avec la mention « Annonce »"),
        "photos": lambda n: ngettext("%(n)s photo", "%(n)s photos", n) % {"n": group_thousands(n)},
        "no_competitors": lambda _n: _("Aucune fiche concurrente sur votre page"),
        "rank_weight": lambda _n: _("Mieux placée à réponse égale"),
        "monthly_quota": lambda n: _("%(n)s appels par mois") % {"n": group_thousands(n)},
        "hourly_rate": lambda n: _("%(n)s appels par heure et par clé") % {"n": group_thousands(n)},
    }
    if product == Product.LISTING_FEATURED:
        said.pop("rank_weight")
    return [words(rights[key]) for key, words in said.items() if rights.get(key)]


def target_of(subscription: Subscription, language: str) -> str:
    """What is paid for: a listing's name, or the account."""
    return subscription.resource.name_in(language) if subscription.resource else _("Votre compte de développeur")


def subscription_when(subscription: Subscription) -> str:
    """What comes next, and when."""
    end = subscription.period_end
    if subscription.state == SubscriptionState.PENDING or end is None:
        return _("Commence dès que le paiement réussit.")
    day = {"day": date_short(end)}
    if subscription.cancel_at_period_end:
        return _("Résilié : actif jusqu’au %(day)s.") % day
    if subscription.state == SubscriptionState.PAST_DUE:
        return _("Arrivé à échéance le %(day)s : payez pour garder la mise en avant.") % day
    return _("Prochain paiement le %(day)s.") % day


def line_words(line: InvoiceLine, language: str) -> str:
    """The line in the language of the page."""
    return line.description_en if language == "en" else line.description_fr


def invoice_words(invoice: Invoice, language: str) -> str:
    """What an invoice is for: its first line."""
    return next((line_words(line, language) for line in invoice.lines.all()), "")
