"""What the ranking reads of an entry, packed and searched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.search.documents import AREA, CATEGORY, NAME, TEXT, Texts
from apps.search.packing import FIELD_COUNT, Packed, pack, unpack, word_key

KEYS = st.binary(min_size=4, max_size=4)
FIELDS = st.lists(st.dictionaries(KEYS, st.integers(1, 1_000), max_size=30), min_size=FIELD_COUNT, max_size=FIELD_COUNT)


def counts_of(packed: Packed, key: bytes) -> list[int]:
    place = packed.find(key)
    return [0] * FIELD_COUNT if place < 0 else list(packed.counts[place : place + FIELD_COUNT])


@given(fields=FIELDS, lengths=st.lists(st.integers(0, 100_000), min_size=FIELD_COUNT, max_size=FIELD_COUNT), asked=st.lists(KEYS))
def test_every_key_is_found_with_its_counts_and_no_other_is(fields: list[dict[bytes, int]], lengths: list[int], asked: list[bytes]) -> None:
    packed = unpack(pack([], fields, lengths))

    assert list(packed.lengths) == [min(length, 65_535) for length in lengths]
    for key in [*asked, *(key for counted in fields for key in counted)]:
        assert counts_of(packed, key) == [min(counted.get(key, 0), 255) for counted in fields]


def test_a_key_is_not_found_across_two_others() -> None:
    packed = unpack(pack([], [{b"\x00\x00ab": 1, b"cd\x00\x00": 2}, {}, {}, {}], [0] * FIELD_COUNT))

    assert counts_of(packed, b"abcd") == [0, 0, 0, 0]


def test_names_are_kept_in_the_order_of_their_words() -> None:
    packed = unpack(pack([["hotel", "akwa", "palace"], [], ["akwa"]], [{}, {}, {}, {}], [4, 0, 0, 0]))

    assert packed.names == [b"".join(map(word_key, ("hotel", "akwa", "palace"))), b"", word_key("akwa")]


def test_texts_are_counted_by_field() -> None:
    texts = Texts(
        names=["Boulangerie du Lac", "Lake Bakery", ""], categories=["Boulangerie"], areas=["Bastos", "Yaoundé"],
        addresses=["Rue de Bastos"], texts=["Pain, pain et encore du pain."], phones=["+237677000000"],
    )  # fmt: skip
    packed = unpack(texts.packed())

    assert list(packed.lengths) == [5, 1, 4, 6]
    for form, field, times in (("boulangerie", NAME, 1), ("boulangerie", CATEGORY, 1), ("bastos", AREA, 1), ("pain", TEXT, 3)):
        assert counts_of(packed, word_key(form))[field] == times
    assert counts_of(packed, word_key("#677000")) == [1, 0, 0, 0]
    assert {"#677000", "boulangerie", "rue", "yaounde", "pain"} <= texts.all_terms()
    assert texts.name_terms() >= {"boulangerie", "lac", "bakery"}
    assert texts.name_terms().isdisjoint({"bastos", "pain"})


def test_words_are_spelled_with_their_accents() -> None:
    texts = Texts(names=["SANTE pour tous"], areas=["Yaoundé", "YAOUNDE"], texts=["La santé d’abord, 24 h sur 24."])

    assert texts.spelled() == {
        "sante": "santé", "pour": "pour", "tous": "tous", "yaounde": "yaoundé", "la": "la", "abord": "abord", "h": "h", "sur": "sur",
    }  # fmt: skip
