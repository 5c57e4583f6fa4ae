"""Background work of notifications."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.core.clock import now
from apps.notifications import telling, telling_billing, telling_listings, telling_reports, telling_staff
from apps.notifications.services import broadcasts, digests, sending, watching


@shared_task(ignore_result=True)
def send_delivery(*, delivery_id: str, **_: object) -> None:
    """Send one message."""
    sending.deliver(delivery_id=uuid.UUID(delivery_id), at=now())


@shared_task(ignore_result=True)
def sweep_deliveries(**_: object) -> None:
    """Send what is due."""
    sending.sweep_deliveries(at=now())


@shared_task(ignore_result=True)
def send_digests(**_: object) -> None:
    """Send this morning's digests."""
    digests.send_digests(at=now())


@shared_task(ignore_result=True)
def prune_deliveries(**_: object) -> None:
    """Forget old messages."""
    sending.prune_deliveries(at=now())


@shared_task(ignore_result=True)
def tell_security_event(*, event_id: str, **_: object) -> None:
    """Write to a user about something that touches his account's safety."""
    telling.tell_security_event(event_id=uuid.UUID(event_id), at=now())


@shared_task(ignore_result=True)
def tell_quota(*, user_id: str, percent: int, used: int, quota: int, month: str, forecast: str | None = None, **_: object) -> None:
    """Write to a user about his quota."""
    telling.tell_quota(user_id=uuid.UUID(user_id), percent=percent, used=used, quota=quota, month=month, forecast=forecast, at=now())


@shared_task(ignore_result=True)
def tell_export_ready(*, user_id: str, export_id: str, **_: object) -> None:
    """Write to a user that his archive is ready."""
    telling.tell_export_ready(user_id=uuid.UUID(user_id), export_id=export_id, at=now())


@shared_task(ignore_result=True)
def tell_application_reviewed(*, application_id: str, state: str, note: str, reviewed_at: str, **_: object) -> None:
    """Write to an owner what staff decided on his application."""
    telling.tell_application_reviewed(application_id=uuid.UUID(application_id), state=state, note=note, reviewed_at=reviewed_at, at=now())


@shared_task(ignore_result=True)
def tell_deletion_requested(*, user_id: str, due_at: str, **_: object) -> None:
    """Write to a user that his account ends."""
    telling.tell_deletion_requested(user_id=uuid.UUID(user_id), due_at=due_at, at=now())


@shared_task(ignore_result=True)
def tell_account_deleted(*, user_id: str, email: str, language: str, **_: object) -> None:
    """Write the last message of an account."""
    sending.say_farewell(user_id=uuid.UUID(user_id), email=email, language=language, at=now())


@shared_task(ignore_result=True)
def tell_source_paused(*, source_id: str, reason: str, paused_at: str, **_: object) -> None:
    """Write to the staff that looks after sources."""
    telling.tell_source_paused(source_id=uuid.UUID(source_id), reason=reason, paused_at=paused_at, at=now())


@shared_task(ignore_result=True)
def tell_renewal_due(*, subscription_id: str, invoice_id: str, days_before: int, **_: object) -> None:
    """Write that a paid period ends soon."""
    telling_billing.tell_renewal_due(
        subscription_id=uuid.UUID(subscription_id), invoice_id=uuid.UUID(invoice_id) if invoice_id else None, days_before=days_before,
        at=now(),
    )  # fmt: skip


@shared_task(ignore_result=True)
def tell_past_due(*, subscription_id: str, ends_at: str, **_: object) -> None:
    """Write that a paid period is over."""
    telling_billing.tell_past_due(subscription_id=uuid.UUID(subscription_id), ends_at=ends_at, at=now())


@shared_task(ignore_result=True)
def tell_subscription_ended(*, subscription_id: str, reason: str, **_: object) -> None:
    """Write that a plan is over."""
    telling_billing.tell_subscription_ended(subscription_id=uuid.UUID(subscription_id), reason=reason, at=now())


@shared_task(ignore_result=True)
def tell_payment_succeeded(*, payment_id: str, late: bool, **_: object) -> None:
    """Send a receipt."""
    telling_billing.tell_payment_succeeded(payment_id=uuid.UUID(payment_id), late=late, at=now())


@shared_task(ignore_result=True)
def tell_payment_failed(*, payment_id: str, reason: str, **_: object) -> None:
    """Write why a payment did not succeed."""
    telling_billing.tell_payment_failed(payment_id=uuid.UUID(payment_id), reason=reason, at=now())


@shared_task(ignore_result=True)
def tell_payment_surplus(*, payment_id: str, **_: object) -> None:
    """Write that money is credit now."""
    telling_billing.tell_payment_surplus(payment_id=uuid.UUID(payment_id), at=now())


@shared_task(ignore_result=True)
def tell_subscription_changed(*, subscription_id: str, why: str, changed_at: str, invoice_id: str = "", **_: object) -> None:
    """Write what a plan is now."""
    telling_billing.tell_subscription_changed(
        subscription_id=uuid.UUID(subscription_id), why=why, changed_at=changed_at, at=now(),
        invoice_id=uuid.UUID(invoice_id) if invoice_id else None,
    )  # fmt: skip


@shared_task(ignore_result=True)
def tell_refund_succeeded(*, refund_id: str, **_: object) -> None:
    """Write that money went back."""
    telling_billing.tell_refund_succeeded(refund_id=uuid.UUID(refund_id), at=now())


@shared_task(ignore_result=True)
def tell_operator_alarm(*, provider: str, what: str, detail: str = "", since: str = "", **_: object) -> None:
    """Write to the staff that looks after payments."""
    telling_staff.tell_operator_alarm(provider=provider, what=what, detail=detail, since=since, at=now())


@shared_task(ignore_result=True)
def tell_case(*, case_id: str, **_: object) -> None:
    """Likewise."""
    telling_staff.tell_case(case_id=uuid.UUID(case_id), at=now())


@shared_task(ignore_result=True)
def tell_transfer_refused(*, proof_id: str, **_: object) -> None:
    """Write to whoever sent the proof."""
    telling_staff.tell_transfer_refused(proof_id=uuid.UUID(proof_id), at=now())


@shared_task(ignore_result=True)
def tell_ledger_differs(*, proofs: list[str], found_at: str, **_: object) -> None:
    """Write to the staff that looks after payments."""
    telling_staff.tell_ledger_differs(proofs=proofs, found_at=found_at, at=now())


@shared_task(ignore_result=True)
def tell_standing(*, resource_id: str, **_: object) -> None:
    """Write to an owner what was decided on his listing."""
    telling_listings.tell_standing(resource_id=uuid.UUID(resource_id), at=now())


@shared_task(ignore_result=True)
def tell_merged(*, survivor_id: str, absorbed_id: str, **_: object) -> None:
    """Write to the owner of a listing that went into another."""
    telling_listings.tell_merged(survivor_id=uuid.UUID(survivor_id), absorbed_id=uuid.UUID(absorbed_id), at=now())


@shared_task(ignore_result=True)
def tell_unmerged(*, absorbed_id: str, **_: object) -> None:
    """Write to the owner of a listing that came back."""
    telling_listings.tell_unmerged(absorbed_id=uuid.UUID(absorbed_id), at=now())


@shared_task(ignore_result=True)
def tell_verified(*, resource_id: str, **_: object) -> None:
    """Write to an owner that his listing was checked."""
    telling_listings.tell_verified(resource_id=uuid.UUID(resource_id), at=now())


@shared_task(ignore_result=True)
def tell_batch_rejected(*, batch_id: str, **_: object) -> None:
    """Write to whoever sent a batch that much of it was refused."""
    telling_listings.tell_batch_rejected(batch_id=uuid.UUID(batch_id), at=now())


@shared_task(ignore_result=True)
def tell_report_ready(*, report_id: str, scheduled: bool, **_: object) -> None:
    """Write that a report can be downloaded."""
    telling_reports.tell_report_ready(report_id=uuid.UUID(report_id), scheduled=scheduled, at=now())


@shared_task(ignore_result=True)
def tell_report_failed(*, report_id: str, **_: object) -> None:
    """Write that a report could not be made."""
    telling_reports.tell_report_failed(report_id=uuid.UUID(report_id), at=now())


@shared_task(ignore_result=True)
def tell_of_time(**_: object) -> None:
    """Write what no event tells: keys that end soon, the week of owners."""
    at = now()
    telling_reports.tell_expiring_keys(at=at)
    telling_reports.tell_weekly_summaries(at=at)


@shared_task(ignore_result=True)
def watch(**_: object) -> None:
    """Look for tasks that do not run and messages that do not leave."""
    watching.watch(at=now())


@shared_task(ignore_result=True)
def work_off_broadcasts(**_: object) -> None:
    """Give running announcements their turn."""
    broadcasts.work_off(at=now())
