"""What happens elsewhere and touches what was paid for. Receivers only enqueue."""

from __future__ import annotations

from apps.accounts import events as accounts
from apps.billing import events
from apps.catalog import events as catalog
from apps.core.background import enqueue
from apps.core.events import receiver


@receiver(events.payment_created, uid="billing.advance_payment")
def advance_payment(*, key: str, payment_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """A payment has to be asked for."""
    enqueue("apps.billing.tasks.advance_payment", payment_id=payment_id)


@receiver(events.callback_received, uid="billing.heed_callback")
def heed_callback(*, key: str, payment_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Somebody says that something happened."""
    enqueue("apps.billing.tasks.heed_callback", payment_id=payment_id)


@receiver(events.nudge_asked, uid="billing.nudge_payment")
def nudge_payment(*, key: str, payment_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A phone has to ring again."""
    enqueue("apps.billing.tasks.nudge_payment", payment_id=payment_id)


@receiver(events.invoice_issued, uid="billing.make_invoice_documents")
def make_invoice_documents(*, key: str, invoice_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """An invoice has its number."""
    enqueue("apps.billing.tasks.make_invoice_documents", invoice_id=invoice_id)


@receiver(events.credit_note_issued, uid="billing.make_credit_note_documents")
def make_credit_note_documents(*, key: str, credit_note_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A credit note has its number."""
    enqueue("apps.billing.tasks.make_credit_note_documents", credit_note_id=credit_note_id)


@receiver(events.refund_approved, uid="billing.advance_refund")
def advance_refund(*, key: str, refund_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A second person has said yes."""
    enqueue("apps.billing.tasks.advance_refund", refund_id=refund_id)


@receiver(catalog.resource_standing_changed, uid="billing.follow_listing")
def follow_listing(*, key: str, resource_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A listing that may be paid for was deleted, closed, suspended, or came back."""
    enqueue("apps.billing.tasks.follow_listing", resource_id=resource_id)


@receiver(catalog.resource_merged, uid="billing.follow_merge")
def follow_merge(*, key: str, survivor_id: str, absorbed_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """A subscription follows its listing."""
    enqueue("apps.billing.tasks.follow_merge", survivor_id=survivor_id, absorbed_id=absorbed_id)


@receiver(catalog.resource_unmerged, uid="billing.undo_merge")
def undo_merge(*, key: str, survivor_id: str, absorbed_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Each listing gets its own back."""
    enqueue("apps.billing.tasks.undo_merge", survivor_id=survivor_id, absorbed_id=absorbed_id)


@receiver(accounts.account_deleted, uid="billing.follow_account")
def follow_account(*, key: str, user_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Nobody pays any more."""
    enqueue("apps.billing.tasks.follow_account", user_id=user_id)
