"""Words of the catalogue: known, completed, corrected, counted, forgotten."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource
from apps.core.process_cache import clear_process_caches
from apps.search import services
from apps.search.models import SearchTerm, SearchWord
from apps.search.selectors.vocabulary import completions, corrections, document_count, known_words
from apps.search.spelling import deletions, distance, errors_allowed


def index(*names: str) -> list[Resource]:
    resources = [make_resource(name=name) for name in names]
    services.index_resources(resource_ids=[resource.pk for resource in resources])
    return resources


def corrected(form: str, limit: int = 5) -> list[str]:
    return [word.form for word in corrections(form, limit=limit)]


@pytest.mark.django_db
def test_new_words_are_known_at_once_as_people_write_them() -> None:
    index("Hopital Laquintinie", "Hôpital de district", "C.N.P.S. 2000")
    known = known_words(["hopital", "cnps", "2000", "absent"])
    assert {form: word.shown for form, word in known.items()} == {"hopital": "hôpital", "cnps": "cnps"}
    assert known_words(["hopital"]) == {"hopital": known["hopital"]}


@pytest.mark.django_db
def test_counting_makes_the_frequent_come_first() -> None:
    index("Pharmacie", "Pharmacie", "Pharmacien", "Phare")
    assert services.refresh_statistics() is not None
    clear_process_caches()
    assert [(word.form, word.df) for word in completions("phar", limit=2)] == [("pharmacie", 2), ("phare", 1)]
    assert [word.form for word in completions("p", limit=1)] == ["pharmacie"]
    assert document_count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["%", "_", "\\", "é", ""])
def test_no_beginning_is_a_pattern(prefix: str) -> None:
    index("Garage")
    assert [word.form for word in completions(prefix, limit=50) if "garage" in word.form] == ([] if prefix else ["garage"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("farmacie", ["pharmacie"]), ("pharmacei", ["pharmacie"]), ("phamacie", ["pharmacie"]), ("boulangeris", ["boulangerie"]),
        ("bulangrie", ["boulangerie"]), ("garrage", ["garage"]), ("garqge", ["garage"]), ("aragge", []), ("bar", []), ("h24x", []),
        ("pharmacie", []), ("x" * 40, []), ("", []),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_put_right(typed: str, found: list[str]) -> None:
    index("Pharmacie", "Boulangerie", "Garage", "Bars", "H24")
    assert [form for form in corrected(typed) if form in {"pharmacie", "boulangerie", "garage", "bars", "h24"}] == found


@pytest.mark.django_db
def test_the_nearest_correction_comes_first_then_the_most_frequent() -> None:
    index("Marche", "Marcha", "Marcha")
    services.refresh_statistics()
    assert corrected("marchi") == ["marcha", "marche"]
    assert corrected("marchi", limit=1) == ["marcha"]


@pytest.mark.django_db
def test_a_word_that_is_two_errors_away_is_looked_for_when_none_is_nearer() -> None:
    index("Menuiserie", "Boulangerie", "Boulangeries")
    assert corrected("mennuizerie") == ["menuiserie"]
    with CaptureQueriesContext(connection) as caught:
        assert corrected("boulangeris")[0] == "boulangerie"
    assert len(caught) == 1


@pytest.mark.django_db
def test_a_word_that_no_entry_holds_is_forgotten() -> None:
    scierie, _garage = index("Scierie", "Garage")
    Resource.objects.filter(pk=scierie.pk).update(status="suspended")
    services.index_resources(resource_ids=[scierie.pk])
    report = services.refresh_statistics()
    assert report is not None
    assert (report.documents, report.forgotten) == (1, 1)
    assert set(SearchWord.objects.filter(form__in=["scierie", "garage"]).values_list("form", flat=True)) == {"garage"}


@pytest.mark.django_db
def test_counts_of_terms_are_replaced() -> None:
    index(*["Garage"] * 20)
    services.refresh_statistics()
    frequent = set(SearchTerm.objects.values_list("df", flat=True))
    assert frequent == {20}
    Resource.objects.all().update(status="suspended")
    services.index_resources(resource_ids=list(Resource.objects.values_list("pk", flat=True)))
    services.refresh_statistics()
    assert list(SearchTerm.objects.values_list("term", "df")) == [(0, 0)]


_forms = st.text("abcd", min_size=1, max_size=10)


@given(one=_forms, other=_forms)
def test_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other, most=2) == distance(other, one, most=2) <= 3
    assert (distance(one, other, most=2) == 0) == (one == other)


@given(
    form=st.text("abcdefgh", min_size=4, max_size=12), place=st.integers(0, 11), letter=st.sampled_from("abcxyz"), kind=st.integers(0, 3)
)
def test_one_error_shares_a_deletion(form: str, place: int, letter: str, kind: int) -> None:
    """Whatever one error does to a word: left out, put in, changed, swapped."""
    place %= len(form)
    before, after = form[:place], form[place + 1 :]
    wrong = [before + after, before + letter + form[place:], before + letter + after, before + after[:1] + form[place] + after[1:]][kind]
    assert distance(form, wrong, most=2) <= 1
    assert set(deletions(form)) & set(deletions(wrong))


@given(one=_forms, other=_forms)
def test_distance_is_what_the_whole_words_say(one: str, other: str) -> None:
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    assert distance(one, other, most=9) == min(rows[-1][-1], 10)


def test_errors_by_length() -> None:
    assert [errors_allowed(form) for form in ("bar", "hotel", "pharmac", "pharmacie", "h2otel", "")] == [0, 1, 1, 2, 0, 0]
