"""How much of the API an account used."""

from __future__ import annotations

import csv

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from apps.accounts.selectors.usage import usage_report, usage_rows
from apps.analytics.selectors.latency import api_latency
from apps.core.clock import now
from apps.core.numbers import per_cent
from apps.core.spreadsheets import BOM, harmless
from apps.core.templatetags.eco import decimal
from apps.web.people import user_of
from apps.web.usage_figures import asked_period, first_day, key_rows, operation_rows, period_links, quota_of, speed_words, usage_chart
from apps.web.views.developers.frames import portal_frame

CSV_COLUMNS = ("day", "key", "operation", "calls", "units", "refused", "errors")


@gzip_page
@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponse:
    """A period's calls by day, key and operation, and the month against the quota."""
    user, at = user_of(request), now()
    today, period = timezone.localdate(at), asked_period(request)
    first = first_day(period, today)
    report, speeds = usage_report(user, first=first, last=today), api_latency(user, first=first, last=today)
    context = portal_frame(
        request,
        title=_("Usage"),
        section="usage",
        periods=period_links(period),
        period=period,
        report=report,
        chart=usage_chart(report, period),
        quota=quota_of(user, at=at),
        keys=key_rows(report, speeds),
        operations=operation_rows(report, speeds),
        p50=speed_words(speeds.total.p50_ms),
        p95=speed_words(speeds.total.p95_ms),
        error_share=per_cent(decimal(100 * report.total.errors / report.total.calls)) if report.total.calls else "",
    )
    return render(request, "web/developers/usage.html", context)


@login_required
@require_safe
def usage_csv(request: HttpRequest) -> HttpResponse:
    """The same period by day, key and operation, for a spreadsheet."""
    user, at = user_of(request), now()
    today, period = timezone.localdate(at), asked_period(request)
    response = HttpResponse(BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="romapi-usage-{period}-{today.isoformat()}.csv"'
    response["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    writer.writerow(CSV_COLUMNS)
    for day, key, operation, counts in usage_rows(user, first=first_day(period, today), last=today):
        writer.writerow([day.isoformat(), harmless(key), harmless(operation), counts.calls, counts.units, counts.refused, counts.errors])
    return response
