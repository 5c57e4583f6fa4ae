"""What owners are told of their listings: decisions of the staff, merges, marks."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone, translation

from apps.accounts.models import User
from apps.catalog.choices import Status
from apps.catalog.models import ModerationDecision, Resource
from apps.ingestion.models import Batch
from apps.notifications.services import notifying
from apps.notifications.telling import page_address, staff_address, staff_with

_DECIDED = {
    Status.REJECTED: "listing_rejected",
    Status.SUSPENDED: "listing_suspended",
    Status.ARCHIVED: "listing_archived",
}


def tell_standing(*, resource_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to an owner what was last decided on his listing, once a decision; nothing of what he decided himself."""
    decision = (
        ModerationDecision.objects.select_related("resource__user").filter(resource=resource_id).order_by("-created_at", "-pk").first()
    )
    if decision is None or decision.resource.user is None or decision.actor_id == decision.resource.user_id:
        return
    resource, owner = decision.resource, decision.resource.user
    # A listing that was deleted or closed meanwhile has a decision that is old news.
    if resource.status != decision.to_status or not resource.livemode:
        return
    name = _DECIDED.get(Status(decision.to_status))
    if decision.to_status == Status.ACTIVE:
        name = "listing_restored" if decision.from_status in {Status.SUSPENDED, Status.ARCHIVED} else "listing_published"
    if name is None:
        return
    with translation.override(owner.language):
        reason = str(decision.get_reason_display())
    is_public = resource.status == Status.ACTIVE
    url = page_address(owner, "web:detail", resource.slug) if is_public else page_address(owner, "web:listings")
    context: dict[str, Any] = {"listing": resource.name_in(owner.language), "reason": reason, "note": decision.note[:500]}
    notifying.notify(name, user=owner, context=context, url=url, dedup_key=f"decision:{decision.pk}", at=at)


def tell_merged(*, survivor_id: uuid.UUID, absorbed_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to the owner of a listing that went into another."""
    found = Resource.objects.select_related("user").in_bulk([survivor_id, absorbed_id])
    survivor, absorbed = found.get(survivor_id), found.get(absorbed_id)
    if survivor is None or absorbed is None or absorbed.user is None or not survivor.livemode:
        return
    language = absorbed.user.language
    context = {"listing": absorbed.name_in(language), "survivor": survivor.name_in(language)}
    url = page_address(absorbed.user, "web:detail", survivor.slug)
    # One of two that were merged, parted and merged again is told each day at most.
    key = f"merged:{absorbed_id}:{survivor_id}:{timezone.localdate(at)}"
    notifying.notify("listing_merged", user=absorbed.user, context=context, url=url, dedup_key=key, at=at)


def tell_unmerged(*, absorbed_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to the owner of a listing that was taken out of another again."""
    absorbed = Resource.objects.select_related("user").filter(pk=absorbed_id, livemode=True).first()
    if absorbed is None or absorbed.user is None:
        return
    context = {"listing": absorbed.name_in(absorbed.user.language)}
    url = page_address(absorbed.user, "web:detail", absorbed.slug)
    key = f"unmerged:{absorbed_id}:{timezone.localdate(at)}"
    notifying.notify("listing_unmerged", user=absorbed.user, context=context, url=url, dedup_key=key, at=at)


def tell_verified(*, resource_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to an owner that his listing bears the mark of what was checked; nobody, when the mark is gone again."""
    resource = Resource.objects.select_related("user").filter(pk=resource_id, verified=True, livemode=True).first()
    if resource is None or resource.user is None:
        return
    context = {"listing": resource.name_in(resource.user.language)}
    url = page_address(resource.user, "web:detail", resource.slug)
    notifying.notify(
        "listing_verified",
        user=resource.user,
        context=context,
        url=url,
        dedup_key=f"verified:{resource_id}:{timezone.localdate(at)}",
        at=at,
    )


def tell_batch_rejected(*, batch_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to whoever sent a batch, or to the staff that looks after sources, that much of it was refused: once a source and day."""
    batch = Batch.objects.select_related("source", "user").filter(pk=batch_id).first()
    if batch is None:
        return
    context = {"source": batch.source.name, "received": batch.received, "rejected": batch.rejected}
    key = f"batch:{batch.source_id}:{timezone.localdate(batch.created_at)}"
    told: list[tuple[User, str]] = [
        (user, staff_address("admin:ingestion_batch_change", batch.pk)) for user in staff_with("ingestion.change_source")
    ]
    if batch.user is not None:
        told = [(batch.user, page_address(batch.user, "web:developers"))]
    for user, url in told:
        notifying.notify("batch_rejected", user=user, context=context, url=url, dedup_key=key, at=at)
