"""Phone numbers in fields and in prose."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingestion.steps.phones import find, national_number

# Many suites share the machine: how long drawing takes says nothing.


def numbers(text: str, *, country: str = "CM", is_prose: bool = False) -> list[str]:
    """The number or the code of each mention."""
    return [mention.number or mention.code for mention in find(text, country=country, is_prose=is_prose)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("677 98 70 75", ["+237677987075"]),
        ("+237 6 77 98 70 75", ["+237677987075"]),
        ("00237677987075", ["+237677987075"]),
        ("237677987075", ["+237677987075"]),
        ("(+237) 655039953", ["+237655039953"]),
        ("(237) 222.23.35.78", ["+237222233578"]),
        ("242-31-42-61", ["+237242314261"]),
        # Before November 2014: mobiles took a 6, fixed lines a 2.
        ("77 98 70 75", ["+237677987075"]),
        ("99 72 25 36", ["+237699722536"]),
        ("55 03 99 53", ["+237655039953"]),
        ("+237 77 98 70 75", ["+237677987075"]),
        ("22 27 24 78", ["+237222272478"]),
        ("33332446", ["+237233332446"]),
        # A wireless line of Camtel: 233 or 243, nobody can tell.
        ("33 05 23 95", ["phone_doubtful"]),
        ("699 99 41 19/679 02 93 63", ["+237699994119", "+237679029363"]),
        ("222 20 94 85 / 657 95 18 18 / 678 93 10 04", ["+237222209485", "+237657951818", "+237678931004"]),
        ("694 28 56 83 /", ["+237694285683"]),
        ("674 88 14 87 // 697 39 00 21", ["+237674881487", "+237697390021"]),
        ("222 23 35 78 677 54 41 61", ["+237222233578", "+237677544161"]),
        ("222 23 35 78 ou 33 42 11 22", ["+237222233578", "+237233421122"]),
        ("222 23 35 78/79", ["+237222233578", "+237222233579"]),
        ("677639572/6707021255", ["+237677639572", "phone_invalid"]),
        ("6556565153", ["phone_invalid"]),
        ("699 36 92", ["phone_incomplete"]),
        ("(+237) 6", ["phone_incomplete"]),
        ("+33 1 42 68 53 00", ["+33142685300"]),
        ("+33 1", ["phone_invalid"]),
        ("à demander", []),
    ],
)
def test_it_works(text: str, found: list[str]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Face Légion de Gendarmerie677 89 57 58", ["+237677895758"]),
        ("PHARMACIE DE MBANGA33 49 16 15Mbanga:", ["+237233491615"]),
        ("243 064 244Douala", ["+237243064244"]),
        ("PHARMACIE DE TOUBORO 699 36 92Touboro:", ["phone_incomplete"]),
        ("Quartier TINDAMBA6222 24 23 23", ["phone_invalid"]),
        ("BP 12345678 Yaoundé", []),
        ("Rue 1.234, immeuble 12", []),
        ("Fondée en 20140512", []),
        ("RCCM 22 27 24 78", []),
        ("AVENUE DU 20 MAI", []),
        ("8 rue 22 27", []),
    ],
)
def test_in_an_address_or_a_name_only_what_is_a_phone_counts(text: str, found: list[str]) -> None:
    assert numbers(text, is_prose=True) == found


def test_labels_say_whatsapp_and_fax() -> None:
    found = find("Tél. 222 23 35 78, Fax : 222 23 35 79, WhatsApp: 677 98 70 75, 699 00 00 01 (whatsapp)")
    assert [(mention.number, mention.is_whatsapp, mention.is_fax) for mention in found] == [
        ("+237222233578", False, False), ("+237222233579", False, True), ("+237677987075", True, False), ("+237699000001", True, False),
    ]  # fmt: skip


def test_numbers_of_another_country_are_read_as_of_there() -> None:
    assert numbers("+33 2 54 75 19 95 / 06 60 72 06 27", country="FR") == ["+33254751995", "+33660720627"]
    assert numbers("02 54", country="FR") == ["phone_invalid"]


@given(digits=st.from_regex(r"[2-9][0-9]{8}", fullmatch=True))
def test_nine_digits_are_valid_when_the_library_says_so(digits: str) -> None:
    is_valid = phonenumbers.is_valid_number(phonenumbers.parse(f"+237{digits}"))
    assert national_number(digits) == ((f"+237{digits}", "") if is_valid else ("", "phone_invalid"))


@given(text=st.text(alphabet="0123456789+ /.-()téFAX٣²", max_size=40), is_prose=st.booleans())
def test_mentions_lie_in_the_text_in_order(text: str, is_prose: bool) -> None:
    end = 0
    for mention in find(text, is_prose=is_prose):
        assert end <= mention.start < mention.end <= len(text)
        assert bool(mention.number) != bool(mention.code)
        end = mention.end
