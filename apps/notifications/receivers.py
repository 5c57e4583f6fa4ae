"""Events that somebody has to be told of. Receivers only enqueue."""

from __future__ import annotations

from apps.accounts import events as accounts
from apps.analytics import events as analytics
from apps.billing import events as billing
from apps.catalog import events as catalog
from apps.core.background import enqueue
from apps.core.events import receiver
from apps.ingestion import events as ingestion


@receiver(accounts.security_event_recorded, uid="notifications.tell_security_event")
def tell_security_event(*, event_id: str, **_: object) -> None:
    """Somebody's safety is touched."""
    enqueue("apps.notifications.tasks.tell_security_event", event_id=event_id)


@receiver(accounts.quota_reached, uid="notifications.tell_quota")
def tell_quota(*, key: str, **payload: object) -> None:  # noqa: ARG001  the user is in the payload, too
    """A share of a quota is used."""
    enqueue("apps.notifications.tasks.tell_quota", **payload)


@receiver(accounts.data_export_ready, uid="notifications.tell_export_ready")
def tell_export_ready(*, key: str, user_id: str, export_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """An archive waits."""
    enqueue("apps.notifications.tasks.tell_export_ready", user_id=user_id, export_id=export_id)


@receiver(accounts.application_reviewed, uid="notifications.tell_application_reviewed")
def tell_application_reviewed(*, key: str, application_id: str, state: str, note: str, reviewed_at: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Staff decided on an application."""
    enqueue(
        "apps.notifications.tasks.tell_application_reviewed", application_id=application_id, state=state, note=note, reviewed_at=reviewed_at
    )


@receiver(accounts.deletion_requested, uid="notifications.tell_deletion_requested")
def tell_deletion_requested(*, key: str, user_id: str, due_at: str, **_: object) -> None:  # noqa: ARG001  likewise
    """There are thirty days to change one's mind."""
    enqueue("apps.notifications.tasks.tell_deletion_requested", user_id=user_id, due_at=due_at)


@receiver(accounts.account_deleted, uid="notifications.tell_account_deleted")
def tell_account_deleted(*, key: str, user_id: str, email: str, language: str, **_: object) -> None:  # noqa: ARG001  likewise
    """The last message."""
    enqueue("apps.notifications.tasks.tell_account_deleted", user_id=user_id, email=email, language=language)


@receiver(ingestion.source_paused, uid="notifications.tell_source_paused")
def tell_source_paused(*, key: str, source_id: str, reason: str, at: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Nothing is taken from a source any more until somebody looks at it."""
    enqueue("apps.notifications.tasks.tell_source_paused", source_id=source_id, reason=reason, paused_at=at)


@receiver(billing.renewal_due, uid="notifications.tell_renewal_due")
def tell_renewal_due(*, key: str, subscription_id: str, invoice_id: str, days_before: int, **_: object) -> None:  # noqa: ARG001  likewise
    """The end of a paid period comes near."""
    enqueue("apps.notifications.tasks.tell_renewal_due", subscription_id=subscription_id, invoice_id=invoice_id, days_before=days_before)


@receiver(billing.subscription_past_due, uid="notifications.tell_past_due")
def tell_past_due(*, key: str, subscription_id: str, ends_at: str, **_: object) -> None:  # noqa: ARG001  likewise
    """The grace runs."""
    enqueue("apps.notifications.tasks.tell_past_due", subscription_id=subscription_id, ends_at=ends_at)


@receiver(billing.subscription_ended, uid="notifications.tell_subscription_ended")
def tell_subscription_ended(*, key: str, subscription_id: str, reason: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A plan is over."""
    enqueue("apps.notifications.tasks.tell_subscription_ended", subscription_id=subscription_id, reason=reason)


@receiver(billing.payment_succeeded, uid="notifications.tell_payment_succeeded")
def tell_payment_succeeded(*, key: str, payment_id: str, late: bool, **_: object) -> None:  # noqa: ARG001  likewise
    """Money arrived."""
    enqueue("apps.notifications.tasks.tell_payment_succeeded", payment_id=payment_id, late=late)


@receiver(billing.payment_failed, uid="notifications.tell_payment_failed")
def tell_payment_failed(*, key: str, payment_id: str, reason: str, **_: object) -> None:  # noqa: ARG001  likewise
    """The payer has to start again."""
    enqueue("apps.notifications.tasks.tell_payment_failed", payment_id=payment_id, reason=reason)


@receiver(billing.refund_succeeded, uid="notifications.tell_refund_succeeded")
def tell_refund_succeeded(*, key: str, refund_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Money went back."""
    enqueue("apps.notifications.tasks.tell_refund_succeeded", refund_id=refund_id)


@receiver(billing.operator_alarm, uid="notifications.tell_operator_alarm")
def tell_operator_alarm(*, key: str, provider: str, what: str, detail: str = "", since: str = "", **_: object) -> None:  # noqa: ARG001  likewise
    """An operator is cut, silent, or its figures are not ours."""
    enqueue("apps.notifications.tasks.tell_operator_alarm", provider=provider, what=what, detail=detail, since=since)


@receiver(billing.case_opened, uid="notifications.tell_case")
def tell_case(*, key: str, case_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Money that a person has to look at."""
    enqueue("apps.notifications.tasks.tell_case", case_id=case_id)


@receiver(billing.transfer_refused, uid="notifications.tell_transfer_refused")
def tell_transfer_refused(*, key: str, proof_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A transfer pays nothing."""
    enqueue("apps.notifications.tasks.tell_transfer_refused", proof_id=proof_id)


@receiver(billing.payment_surplus, uid="notifications.tell_payment_surplus")
def tell_payment_surplus(*, key: str, payment_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Paid twice: it is credit."""
    enqueue("apps.notifications.tasks.tell_payment_surplus", payment_id=payment_id)


@receiver(billing.subscription_changed, uid="notifications.tell_subscription_changed")
def tell_subscription_changed(*, key: str, subscription_id: str, why: str = "", at: str = "", invoice_id: str = "", **_: object) -> None:  # noqa: ARG001  likewise
    """A plan gives something else, or to another listing."""
    if why:
        enqueue(
            "apps.notifications.tasks.tell_subscription_changed",
            subscription_id=subscription_id,
            why=why,
            changed_at=at,
            invoice_id=invoice_id,
        )


@receiver(billing.ledger_differs, uid="notifications.tell_ledger_differs")
def tell_ledger_differs(*, key: str, proofs: list[str], at: str, **_: object) -> None:  # noqa: ARG001  likewise
    """The books do not add up."""
    enqueue("apps.notifications.tasks.tell_ledger_differs", proofs=proofs, found_at=at)


@receiver(catalog.resource_standing_changed, uid="notifications.tell_standing")
def tell_standing(*, key: str, resource_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Staff decided on a listing."""
    enqueue("apps.notifications.tasks.tell_standing", resource_id=resource_id)


@receiver(catalog.resource_merged, uid="notifications.tell_merged")
def tell_merged(*, key: str, survivor_id: str, absorbed_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Two listings are one."""
    enqueue("apps.notifications.tasks.tell_merged", survivor_id=survivor_id, absorbed_id=absorbed_id)


@receiver(catalog.resource_unmerged, uid="notifications.tell_unmerged")
def tell_unmerged(*, key: str, absorbed_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """They are two again."""
    enqueue("apps.notifications.tasks.tell_unmerged", absorbed_id=absorbed_id)


@receiver(catalog.resource_verified, uid="notifications.tell_verified")
def tell_verified(*, key: str, resource_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A listing bears the mark."""
    enqueue("apps.notifications.tasks.tell_verified", resource_id=resource_id)


@receiver(ingestion.batch_mostly_rejected, uid="notifications.tell_batch_rejected")
def tell_batch_rejected(*, key: str, batch_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Much of a batch was refused."""
    enqueue("apps.notifications.tasks.tell_batch_rejected", batch_id=batch_id)


@receiver(analytics.report_failed, uid="notifications.tell_report_failed")
def tell_report_failed(*, key: str, report_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A report could not be made."""
    enqueue("apps.notifications.tasks.tell_report_failed", report_id=report_id)


@receiver(analytics.report_ready, uid="notifications.tell_report_ready")
def tell_report_ready(*, key: str, report_id: str, scheduled: bool = False, **_: object) -> None:  # noqa: ARG001  likewise
    """A report can be downloaded."""
    enqueue("apps.notifications.tasks.tell_report_ready", report_id=report_id, scheduled=scheduled)
