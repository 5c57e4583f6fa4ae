"""Pages of the team outside the administration."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from apps.core.clock import now
from apps.web.pages import current_language
from apps.web.people import user_of
from apps.web.statistics.board import BOARD_MEASURES, board
from apps.web.statistics.periods import CHOICES, DEFAULT, Choice, asked_choice
from apps.web.templatetags.account_pages import SEES_FIGURES

SEES_MONEY = "billing.view_ledgerentry"


@gzip_page
@login_required
@require_safe
def board_page(request: HttpRequest) -> HttpResponse:
    """The whole site over a period. :raises PermissionDenied: not of the team, or without the right to see figures."""
    user = user_of(request)
    if not (user.is_staff and user.has_perm(SEES_FIGURES)):
        raise PermissionDenied
    choice = asked_choice(request.GET)
    measure = next((one for one in BOARD_MEASURES if one.key == request.GET.get("mesure")), BOARD_MEASURES[0])
    figures = board(
        choice=choice, measure=measure, language=current_language(), at=now(), address=lambda key: _address(choice, key),
        sees_money=user.has_perm(SEES_MONEY),
    )  # fmt: skip
    periods = [(other.label, _address(other, measure.key), other is choice) for other in CHOICES]
    context = {
        "figures": figures,
        "periods": periods,
        "place_columns": [
            {"label": _("Ville")}, {"label": _("Catégorie")}, *({"label": label, "right": True} for label in (
                _("Recherches"), _("Sans résultat"), _("Fiches"))),
        ],
        "lacking_columns": [{"label": _("Mots")}, {"label": _("Endroit")}, {"label": _("Recherches"), "right": True}],
    }  # fmt: skip
    return render(request, "web/staff/board.html", context)


def _address(choice: Choice, measure: str) -> str:
    asked = {"periode": choice.value, "mesure": measure}
    usual = {"periode": DEFAULT.value, "mesure": BOARD_MEASURES[0].key}
    query = urlencode({name: value for name, value in asked.items() if value != usual[name]})
    return reverse("web:board") + (f"?{query}" if query else "")
