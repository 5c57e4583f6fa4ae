"""Bank transfers: a proof for an open invoice, checked by one person, approved by another, then a payment like any."""

from __future__ import annotations

import datetime as dt
import io
import uuid
import warnings

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import InvoiceState, PaymentState, ProviderCode
from apps.billing.constants import LIVE_PAYMENT_STATES
from apps.billing.exceptions import AlreadyPaid, PaymentRefused, PaymentRunning, SecondPersonNeeded, TransferDecided, TransferWaiting
from apps.billing.models import Invoice, Payment, TransferProof
from apps.billing.services.payments import settle
from apps.billing.services.payments.numbers import new_callback_token, new_order_id
from apps.billing.services.payments.transitions import note
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid, NotFound, PermissionRefused
from apps.core.ids import uuid7

PROOF_MAX_BYTES = 5 * 1024 * 1024
PIXELS_MAX = 40_000_000
REFERENCE_MAX, REFUSAL_MAX = 100, 255
# Where a PDF's end mark may stand: some programs write a little after it.
_PDF_TAIL = 2048


def send_proof(*, invoice_id: uuid.UUID, user: User, content: bytes, bank_reference: str, amount: int, at: dt.datetime) -> TransferProof:
    """Keep the proof of a transfer for an invoice that is to be paid, for staff to look at.

    :param content: a PDF, JPEG or PNG of at most 5 MB; known by what it holds, not by its name.
    :param user: whose invoice it is. :param amount: francs that were sent.
    :raises NotFound: no such invoice of his. :raises AlreadyPaid: nothing is owed. :raises TransferWaiting: one is looked at already.
    :raises FieldsInvalid: another file, no reference, or no amount.
    """
    extension = _kind_of(content)
    bank_reference = bank_reference.strip()
    if not bank_reference or len(bank_reference) > REFERENCE_MAX or "\x00" in bank_reference:
        raise FieldsInvalid([("/bank_reference", "invalid", _("Écrivez la référence du virement, en 100 signes au plus."))])
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount < 2**31:
        raise FieldsInvalid([("/amount", "invalid", _("Le montant est un nombre entier de francs, au moins 1."))])
    proof = TransferProof(pk=uuid7(), bank_reference=bank_reference, amount=amount, sent_by=user, created_at=at)
    stored = ""
    try:
        with transaction.atomic():
            proof.invoice = _lock_invoice(invoice_id, user)
            if TransferProof.objects.filter(invoice=proof.invoice, approved_at=None, refused_at=None).exists():
                raise TransferWaiting
            proof.file.save(f"{proof.pk}.{extension}", ContentFile(content), save=False)
            stored = proof.file.name or ""
            proof.save(force_insert=True)
    except BaseException:
        if stored:
            proof.file.storage.delete(stored)
        raise
    return proof


@transaction.atomic
def check_proof(*, proof_id: uuid.UUID, actor: User, at: dt.datetime) -> TransferProof:
    """Say that the money is on our account. Somebody else approves.

    :raises SecondPersonNeeded: it is his own. :raises TransferDecided: it is not waiting for this.
    """
    _require(actor, "billing.check_transfer")
    proof = _lock_waiting(proof_id)
    if proof.checked_by_id is not None:
        raise TransferDecided
    if actor.pk == proof.sent_by_id:
        raise SecondPersonNeeded
    proof.checked_by, proof.checked_at = actor, at
    proof.save(update_fields=["checked_by", "checked_at"])
    return proof


@transaction.atomic
def approve_proof(*, proof_id: uuid.UUID, actor: User, at: dt.datetime) -> Payment:
    """Make the transfer a payment that succeeded: the invoice is issued and what it is for is given.

    :raises SecondPersonNeeded: nobody has checked it, or only the same person. :raises PaymentRunning: another payment may still come.
    :raises PaymentRefused: another amount than what is due, or a transfer that paid something else.
    """
    _require(actor, "billing.approve_transfer")
    proof = _lock_waiting(proof_id)
    if proof.checked_by_id in {None, actor.pk} or actor.pk == proof.sent_by_id:
        raise SecondPersonNeeded
    invoice = _lock_invoice(proof.invoice_id, proof.invoice.user)
    if proof.amount != invoice.amount_due:
        raise PaymentRefused(_("Le montant du virement n’est pas celui qui reste à payer : refusez-le ou rendez l’argent."))
    if Payment.objects.filter(invoice=invoice, state__in=LIVE_PAYMENT_STATES, superseded=False).exists():
        raise PaymentRunning
    if Payment.objects.filter(provider=ProviderCode.BANK, transaction_id=proof.bank_reference).exists():
        raise PaymentRefused(_("Ce virement a déjà payé une autre facture."))
    payment = Payment(
        order_id=new_order_id(), invoice=invoice, user=invoice.user, livemode=invoice.livemode, provider=ProviderCode.BANK,
        amount=invoice.amount_due, currency=invoice.currency, provider_amount=invoice.amount_due, provider_currency=invoice.currency,
        callback_token=new_callback_token(), state=PaymentState.PENDING, created_at=at, submitted_at=proof.created_at, expires_at=at,
    )  # fmt: skip
    payment.save(force_insert=True)
    note(payment, cause="transfer_approved", detail=proof.bank_reference, at=at, actor=actor)
    settle.succeed(payment, transaction_id=proof.bank_reference, at=at)
    proof.approved_by, proof.approved_at, proof.payment = actor, at, payment
    proof.save(update_fields=["approved_by", "approved_at", "payment"])
    return payment


@transaction.atomic
def refuse_proof(*, proof_id: uuid.UUID, actor: User, reason: str, at: dt.datetime) -> TransferProof:
    """Say that the transfer pays nothing, and why; its sender is told and may send another."""
    _require(actor, "billing.check_transfer")
    reason = reason.strip()
    if not reason or len(reason) > REFUSAL_MAX:
        raise FieldsInvalid([("/reason", "invalid", _("Écrivez le motif, en 255 signes au plus."))])
    proof = _lock_waiting(proof_id)
    proof.refused_at, proof.refusal, proof.refused_by = at, reason, actor
    proof.save(update_fields=["refused_at", "refusal", "refused_by"])
    publish(events.transfer_refused, key=proof.pk, proof_id=str(proof.pk))
    return proof


def _require(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise PermissionRefused


def _lock_waiting(proof_id: uuid.UUID) -> TransferProof:
    proof = TransferProof.objects.select_for_update(of=("self",)).select_related("invoice__user").get(pk=proof_id)
    if proof.approved_at is not None or proof.refused_at is not None:
        raise TransferDecided
    return proof


def _lock_invoice(invoice_id: uuid.UUID, user: User) -> Invoice:
    """:raises NotFound: none of this user. :raises AlreadyPaid: nothing is owed. :raises PaymentRefused: it cannot be paid any more."""
    invoice = Invoice.objects.select_for_update(of=("self",)).filter(pk=invoice_id, user=user).first()
    if invoice is None:
        raise NotFound
    if invoice.state == InvoiceState.PAID or invoice.amount_due == 0:
        raise AlreadyPaid
    if invoice.state != InvoiceState.OPEN or not invoice.livemode:
        raise PaymentRefused(_("Cette facture pro forma n’est plus valable. Demandez-en une nouvelle."))
    return invoice


def _kind_of(content: bytes) -> str:
    """`pdf`, `jpg` or `png`, by content. :raises FieldsInvalid: too large, or something else."""
    if len(content) > PROOF_MAX_BYTES:
        raise FieldsInvalid([("/file", "too_large", _("Le justificatif dépasse 5 Mo."))])
    if content.startswith(b"%PDF-"):
        if b"%%EOF" in content[-_PDF_TAIL:]:
            return "pdf"
    elif (kind := _picture(content)) is not None:
        return kind
    raise FieldsInvalid([("/file", "invalid", _("Envoyez le justificatif en PDF, JPEG ou PNG."))])


def _picture(content: bytes) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            if opened.width * opened.height > PIXELS_MAX:
                return None
            opened.load()
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ):
        return None
    return "jpg" if opened.format == "JPEG" else "png"
