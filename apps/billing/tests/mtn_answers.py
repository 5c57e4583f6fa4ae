"""What MTN says, and where."""

from __future__ import annotations

from typing import Any

from apps.billing.tests.charges import REFERENCE

PAY, READ = "/collection/v1_0/requesttopay", rf"/collection/v1_0/requesttopay/{REFERENCE}"
GATEWAY_401 = {"statusCode": 401, "message": "Access denied due to invalid subscription key."}


def seen_body(**changes: Any) -> dict[str, Any]:
    return {
        "amount": "5000", "currency": "XAF", "financialTransactionId": "9812345670", "externalId": str(REFERENCE),
        "payer": {"partyIdType": "MSISDN", "partyId": "237670000111"}, "payerMessage": "x", "payeeNote": "y", "status": "SUCCESSFUL",
    } | changes  # fmt: skip
