"""A number is its user's when he reads out the code that it was sent, and nobody is texted without end."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import ClassVar

import pytest
from django.core.cache import cache
from pytest_django import Settings

from apps.accounts.choices import SecurityEventKind
from apps.accounts.exceptions import PhoneCodeRefused, PhoneTaken, TooManyCodes
from apps.accounts.models import PhoneCode, SecurityEvent, User
from apps.accounts.origins import NOWHERE
from apps.accounts.services import phones
from apps.accounts.services.phones import confirm_phone, remove_phone, send_phone_code
from apps.accounts.tests.factories import make_user
from apps.core.phones import InvalidPhone

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
NUMBER, OTHER = "+237670000011", "+237690000012"


class Phones:
    """Everybody's phones: the operator of these tests."""

    heard: ClassVar[list[tuple[str, str]]] = []

    def send(self, *, to: str, text: str) -> SimpleNamespace:
        """Deliver a text."""
        self.heard.append((to, text))
        return SimpleNamespace(provider_id="1", cost_xaf=0, is_confirmed_later=False)


@pytest.fixture(autouse=True)
def _clean(settings: Settings) -> None:
    settings.SMS_BACKEND = f"{__name__}.{Phones.__name__}"
    cache.clear()
    Phones.heard.clear()


@pytest.fixture
def user() -> User:
    return make_user()


def after(**later: int) -> dt.datetime:
    return AT + dt.timedelta(**later)


def text(user: User, phone: str = NUMBER, at: dt.datetime = AT) -> str:
    """Have a code sent; it is read from the text message."""
    send_phone_code(user=user, phone=phone, at=at)
    to, words = Phones.heard[-1]
    assert to == phone
    return next(word for word in words.replace(".", " ").split() if word.isdecimal() and len(word) == 6)


def confirm(user: User, code: str, at: dt.datetime = AT) -> User:
    return confirm_phone(user=user, code=code, origin=NOWHERE, at=at)


def test_it_works(user: User) -> None:
    assert send_phone_code(user=user, phone="6 90 00 00 12", at=AT) == OTHER
    code = text(user, at=after(minutes=1))
    assert code not in PhoneCode.objects.get(user=user).code_hash
    confirmed = confirm(user, f" {code[:3]} {code[3:]} ", after(minutes=1))
    assert (confirmed.phone, confirmed.phone_verified_at) == (NUMBER, after(minutes=1))
    remove_phone(user=user, origin=NOWHERE, at=after(hours=1))
    remove_phone(user=user, origin=NOWHERE, at=after(hours=1))
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at) == ("", None)
    kinds = list(SecurityEvent.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True))
    assert kinds == [SecurityEventKind.PHONE_VERIFIED, SecurityEventKind.PHONE_REMOVED]


@pytest.mark.parametrize("phone", ["", "123", "+237", "appelez-moi", "+237670000011;ext=9", "6\u0660\u0660", "\x00"])
def test_what_is_no_number(user: User, phone: str) -> None:
    with pytest.raises(InvalidPhone):
        send_phone_code(user=user, phone=phone, at=AT)
    assert Phones.heard == []


def test_a_code_works_once_for_ten_minutes_and_five_tries(user: User) -> None:
    with pytest.raises(PhoneCodeRefused):
        confirm(user, "123456")
    code = text(user)
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(PhoneCodeRefused):
        confirm(user, code, after(minutes=10, seconds=1))
    for _number in range(4):
        with pytest.raises(PhoneCodeRefused):
            confirm(user, wrong)
    confirm(user, code)
    with pytest.raises(PhoneCodeRefused):
        confirm(user, code)
    code = text(user, at=after(minutes=2))
    for _number in range(5):
        with pytest.raises(PhoneCodeRefused):
            confirm(user, wrong if wrong != code else "222222", after(minutes=2))
    with pytest.raises(PhoneCodeRefused):
        confirm(user, code, after(minutes=2))


def test_the_code_of_somebody_else_proves_nothing(user: User) -> None:
    code, stranger = text(user), make_user()
    text(stranger, OTHER)
    with pytest.raises(PhoneCodeRefused):
        confirm(stranger, code)


def test_a_number_asked_for_meanwhile_is_not_the_proved_one(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    code, real = text(user), phones._save_phone

    def saved_later(*arguments: object, **options: object) -> object:
        send_phone_code(user=user, phone=OTHER, at=after(minutes=2))
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(phones, "_save_phone", saved_later)
    assert confirm(user, code).phone == NUMBER
    with pytest.raises(PhoneCodeRefused):
        confirm(user, code, after(minutes=2))


def test_a_number_has_one_account(user: User) -> None:
    confirm(user, text(user))
    second = make_user(phone=NUMBER)
    with pytest.raises(PhoneTaken):
        confirm(second, text(second))
    assert confirm(second, text(second, OTHER, after(minutes=2)), after(minutes=2)).phone == OTHER


def test_nobody_is_texted_without_end(user: User) -> None:
    text(user)
    with pytest.raises(TooManyCodes):
        text(user, OTHER, after(seconds=59))
    for number in range(1, 5):
        text(user, f"+23767000010{number}", after(minutes=number))
    with pytest.raises(TooManyCodes):
        text(user, at=after(hours=1))
    assert text(user, at=after(days=1))


def test_a_number_is_texted_five_times_a_day_whoever_asks() -> None:
    for number in range(5):
        user = make_user()
        text(user)
        text(user, f"+23767000020{number}", after(minutes=2))
    with pytest.raises(TooManyCodes):
        text(make_user())
    assert text(make_user(), at=after(days=1))
