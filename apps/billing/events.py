"""What happens to money. The key of each event is the id of its object."""

from __future__ import annotations

from apps.core.events import Event

# payment_id: str. A payment is committed and has to be submitted; key is the payment's id.
payment_created = Event("billing.payment_created")
# payment_id: str, invoice_id: str, late: bool. Money arrived; the invoice is issued. Key is the payment's id.
payment_succeeded = Event("billing.payment_succeeded")
# payment_id: str, reason: str. The payer has to start again. Key is the payment's id.
payment_failed = Event("billing.payment_failed")
# payment_id: str. The invoice, or what it is for, was paid already: the money is customer credit, and a case is open.
payment_surplus = Event("billing.payment_surplus")
# payment_id: str, callback_id: int. Somebody wrote to a callback address: query soon.
callback_received = Event("billing.callback_received")
# payment_id: str. Its payer wants the phone to ring again. Key is the payment's id.
nudge_asked = Event("billing.nudge_asked")
# invoice_id: str. An invoice has its number; its documents can be made. Key is the invoice's id.
invoice_issued = Event("billing.invoice_issued")
# credit_note_id: str. A credit note has its number; its documents can be made. Key is the credit note's id.
credit_note_issued = Event("billing.credit_note_issued")
# subscription_id: str, invoice_id: str, days_before: int. The end of a paid period comes near. Key is the subscription's id.
renewal_due = Event("billing.renewal_due")
# subscription_id: str, ends_at: str. The paid period is over, the grace runs. Key is the subscription's id.
subscription_past_due = Event("billing.subscription_past_due")
# subscription_id: str, reason: str. Cancelled or expired: the rights fell, the content stays. Key is the subscription's id.
subscription_ended = Event("billing.subscription_ended")
# subscription_id: str, why: str (granted, changed, moved, restored), at: str (ISO); invoice_id: str when granted. A product was activated,
# renewed or changed, or has followed its listing. Key is the subscription's id.
subscription_changed = Event("billing.subscription_changed")
# refund_id: str. Approved by a second person: it has to be sent. Key is the refund's id.
refund_approved = Event("billing.refund_approved")
# refund_id: str. Key is the refund's id.
refund_succeeded = Event("billing.refund_succeeded")
# proofs: list[str], at: str. The books do not say what payments and invoices say; key is always the same.
ledger_differs = Event("billing.ledger_differs")
# case_id: str, kind: str. A person has to look at it. Key is the case's id.
case_opened = Event("billing.case_opened")
# provider: str, what: str (open, closed, refused, silent, callbacks, balance, balance_low); perhaps detail: str and since: str (ISO).
# Key is the provider's code.
operator_alarm = Event("billing.operator_alarm")
# proof_id: str. The proof of a transfer was refused; its sender is told why. Key is the proof's id.
transfer_refused = Event("billing.transfer_refused")
