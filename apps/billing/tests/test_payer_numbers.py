"""Whose number, and whether it may pay."""

from __future__ import annotations

import json
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import carrier

from apps.billing.choices import Operator
from apps.billing.exceptions import PayerPhoneFixed, PayerPhoneForeign, PayerPhoneInvalid
from apps.billing.providers.numbering import guess_operator, parse_payer

LIVE, SANDBOX = "mtncameroon", "sandbox"


def test_it_works() -> None:
    assert parse_payer("670 00 01 11", LIVE) == "+237670000111"
    assert guess_operator("+237670000111") is Operator.MTN


@pytest.mark.parametrize(
    "raw",
    ["670000111", "6 70 00 01 11", "+237670000111", "00237 670 000 111", "237670000111", "(+237) 6-70-00-01-11", " 670.00.01.11 ",
     "+237\u00a0670\u202f000\u00a0111"],
)  # fmt: skip
def test_ways_to_write_it(raw: str) -> None:
    assert parse_payer(raw, LIVE) == "+237670000111"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("", PayerPhoneInvalid),
        ("abc", PayerPhoneInvalid),
        ("70000111", PayerPhoneInvalid),
        ("6700001112", PayerPhoneInvalid),
        ("0670000111", PayerPhoneInvalid),
        ("+2376700001", PayerPhoneInvalid),
        ("+237 237 670000111", PayerPhoneInvalid),
        ("670000111 ext 5", PayerPhoneInvalid),
        ("600000000", PayerPhoneInvalid),
        ("643000000", PayerPhoneInvalid),
        ("٦٧٠٠٠٠١١١", PayerPhoneInvalid),
        ("６７００００１１１", PayerPhoneInvalid),
        ("670000111\n", None),
        ("670000111\x00", PayerPhoneInvalid),
        ("6" * 1000, PayerPhoneInvalid),
        ("222123456", PayerPhoneFixed),
        ("+237233123456", PayerPhoneFixed),
        ("+33612345678", PayerPhoneForeign),
        ("0033612345678", PayerPhoneForeign),
        ("+2348031234567", PayerPhoneForeign),
        ("+1 202 555 0100", PayerPhoneForeign),
        ("46733123450", PayerPhoneForeign),
        ("+46733123450", PayerPhoneForeign),
        ("46733123550", PayerPhoneInvalid),
    ],
)
def test_strangers(raw: str, error: type[PayerPhoneInvalid] | None) -> None:
    if error is None:
        assert parse_payer(raw, LIVE) == "+237670000111"
        return
    with pytest.raises(PayerPhoneInvalid) as raised:
        parse_payer(raw, LIVE)
    assert type(raised.value) is error


def test_numbers_of_mtns_sandbox() -> None:
    assert parse_payer("46733123450", SANDBOX) == parse_payer("+467 33 12 34 50", SANDBOX) == "+46733123450"
    assert guess_operator("+46733123450") is Operator.MTN
    with pytest.raises(PayerPhoneForeign):
        parse_payer("+46733999999", SANDBOX)


@pytest.mark.parametrize(
    ("prefixes", "operator"),
    [
        (["650", "651", "652", "653", "654", *(f"67{digit}" for digit in range(10)), "680", "681", "682", "683"], Operator.MTN),
        (["655", "656", "657", "658", "659", *(f"69{digit}" for digit in range(10)), "640", "641", "642", "686", "687", "688", "689"],
         Operator.ORANGE),
        (["660", "665", "684", "685", "620", "242", "243", "222", "233", "643"], None),
    ],
)  # fmt: skip
def test_every_range(prefixes: list[str], operator: Operator | None) -> None:
    for prefix in prefixes:
        assert guess_operator(f"+237{prefix}123456") is operator


def test_no_operator_abroad() -> None:
    assert guess_operator("+33670000111") is None
    assert guess_operator("670000111") is None
    assert guess_operator("") is None


def test_the_table_agrees_with_phonenumbers() -> None:
    names = {"MTN Cameroon": Operator.MTN, "MTN": Operator.MTN, "Orange": Operator.ORANGE}
    for prefix in range(600, 700):
        number = phonenumbers.parse(f"+237{prefix}123456")
        name = carrier.safe_display_name(number, "en") or carrier.name_for_valid_number(number, "en")
        if name and phonenumbers.is_valid_number(number):
            assert guess_operator(f"+237{prefix}123456") is names.get(name), (prefix, name)


def test_no_prefix_is_listed_twice() -> None:
    table = json.loads((Path(__file__).parents[1] / "reference" / "mobile_prefixes.json").read_text())
    prefixes = table["mtn"] + table["orange"]
    assert len(set(prefixes)) == len(prefixes)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(raw: str) -> None:
    try:
        parsed = parse_payer(raw, LIVE)
    except PayerPhoneInvalid:
        return
    assert len(parsed) == 13
    assert parsed.startswith("+237")
    assert parsed[1:].isascii()
    assert parsed[1:].isdecimal()
