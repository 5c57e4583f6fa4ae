"""Signed addresses of a report's file: for a spreadsheet or a mail, without logging in, for a while."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core import signing

from apps.analytics.models import Report

# Long enough to be opened from a mail of the morning; a file lives seven days.
VALID_FOR = dt.timedelta(hours=24)
_SALT = "analytics.report_file"


def link_token(report: Report) -> str:
    """What opens this file, and no other one of the same report, for a day."""
    return signing.dumps([report.pk.hex, report.attempt], salt=_SALT, compress=False)


def opens(token: str, *, report_id: uuid.UUID) -> int | None:
    """The attempt whose file the token opens; None when it is forged, too old or of another report."""
    try:
        hexed, attempt = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(attempt) if hexed == report_id.hex else None
