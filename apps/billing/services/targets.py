"""What a subscription is for, and the locks around it."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.billing.choices import InvoiceState
from apps.billing.constants import LISTING_PRODUCTS
from apps.billing.exceptions import ListingNotPayable
from apps.billing.models import Invoice, Subscription
from apps.catalog.choices import OperatingStatus, Status
from apps.catalog.models import Resource
from apps.core.exceptions import FieldsInvalid, Gone, NotFound, PermissionRefused


def find_target(*, user: User, product: str, resource_id: uuid.UUID | None, livemode: bool) -> Resource | None:
    """The listing that a product is for, when it may be paid for by this user; None for products of the account.

    :raises FieldsInvalid: a listing where none belongs, or none where one does. :raises NotFound: no such listing, or not for him.
    :raises PermissionRefused: not his. :raises Gone: deleted. :raises ListingNotPayable: hidden, or closed for good.
    """
    if product not in LISTING_PRODUCTS:
        if resource_id is not None:
            raise FieldsInvalid([("/resource_id", "not_for_listings", _("Ce forfait est celui de votre compte, pas d’une fiche."))])
        return None
    if resource_id is None:
        raise FieldsInvalid([("/resource_id", "required", _("Dites pour quelle fiche est ce forfait."))])
    resource: Resource | None = Resource.objects.filter(pk=resource_id).first()
    is_own = resource is not None and resource.user_id == user.pk and resource.livemode == livemode
    if resource is None or not (is_own or resource.is_public):
        raise NotFound(_("Aucune fiche n’a cet identifiant."))
    if not is_own:
        raise PermissionRefused(_("Seul le propriétaire d’une fiche peut souscrire un forfait pour elle."))
    if resource.deleted_at is not None:
        raise Gone
    check_payable(resource)
    return resource


def check_payable(resource: Resource) -> None:
    """:raises ListingNotPayable: nobody sees it, so that a plan would give nothing. Test listings are never published."""
    if resource.operating_status == OperatingStatus.PERMANENTLY_CLOSED:
        raise ListingNotPayable(_("Cette fiche est fermée définitivement : un forfait ne lui servirait à rien."))
    if resource.status != Status.ACTIVE and (resource.livemode or resource.status != Status.PENDING):
        raise ListingNotPayable(listing_status=str(resource.status))


def lock_payer(user_id: uuid.UUID) -> User:
    """The customer first, as whoever drafts and settles invoices does: two purchases never count on the same credit."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_subscription(subscription: Subscription) -> tuple[Subscription, Invoice | None]:
    """A subscription and its open invoice as they are now, locked behind the customer.

    Always in this order (customer, invoice, subscription), which is that of a payment that succeeds.
    """
    lock_payer(subscription.user_id)
    invoice = (
        Invoice.objects.filter(subscription=subscription.pk, state=InvoiceState.OPEN)
        .select_for_update(of=("self",), no_key=True)
        .select_related("quote__price")
        .first()
    )
    locked = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("price", "resource", "user")
        .get(pk=subscription.pk)
    )
    return locked, invoice


def touch(subscription: Subscription, *fields: str, at: dt.datetime) -> None:
    """Save these fields with the next version."""
    subscription.version, subscription.updated_at = subscription.version + 1, at
    subscription.save(update_fields=sorted({*fields, "version", "updated_at"}))
