"""Of calls that come at the same moment with one code or token, one gets tokens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from allauth.idp.oidc.models import Token
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse

from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import bearer, json_of, make_partner

pytestmark = pytest.mark.django_db(transaction=True)
ME = "/api/v1/auth/me"


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()


def eight_times(call: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """The answers to eight calls that start together."""
    barrier, answers = threading.Barrier(8), list[HttpResponse]()

    def work() -> None:
        barrier.wait()
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_renewal_wins_and_its_tokens_work() -> None:
    user, partner = make_user(), make_partner()
    refresh = partner.tokens(user)["refresh_token"]
    answers = eight_times(lambda: partner.renew(refresh))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 7}
    assert {json_of(answer)["code"] for answer in answers if answer.status_code == 400} == {"token_rotated"}
    (won,) = [json_of(answer) for answer in answers if answer.status_code == 200]
    assert bearer(won["access_token"], ME).status_code == 200
    assert partner.renew(won["refresh_token"]).status_code == 200


def test_a_code_gives_tokens_once_and_its_copies_end_them() -> None:
    user, partner = make_user(), make_partner()
    code = partner.consent(user)
    answers = eight_times(lambda: partner.redeem(code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 7}
    assert not Token.objects.exists()
