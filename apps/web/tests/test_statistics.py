"""What listings bring, on one page for their owner, without a script."""

from __future__ import annotations

import datetime as dt
import re
import time
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.rows import EventRow
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_waiting
from apps.analytics.stream import stream
from apps.analytics.tests.telling import happened
from apps.billing.choices import SubscriptionState
from apps.billing.services.prices import load_defaults
from apps.billing.tests.factories import make_subscription
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_city, make_quarter, make_resource
from apps.core.process_cache import clear_process_caches
from apps.search.models import SharedQuery, UnansweredDay
from apps.search.services.demand_details import packed, write_details

pytestmark = pytest.mark.django_db
PAGE = "/fr/compte/statistiques/"


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()
    stream.forget()
    load_defaults(at=timezone.now())


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


@pytest.fixture
def listing(user: User) -> Resource:
    akwa = make_quarter(city=make_city(slug="douala", name_fr="Douala", name_en="Douala"), name="Akwa", slug="akwa")
    resource: Resource = make_resource(name="Saveurs du Wouri", slug="saveurs-du-wouri", user=user, city=akwa.city, quarter=akwa)
    return resource


def text_of(html: bytes) -> str:
    """What is read, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(html.decode())).replace("\xa0", " ").replace("\u202f", " "))


def happen(
    listing: Resource,
    times: int = 1,
    kind: EventType = EventType.VIEW,
    *,
    days_ago: int = 0,
    channel: Channel = Channel.NONE,
    verdict: Verdict = Verdict.COUNTED,
    position: int | None = None,
    city: int | None = None,
    campaign: str = "",
) -> None:
    """Events as they come out of the stream."""
    at = timezone.now() - dt.timedelta(days=days_ago)
    day = timezone.localdate(at)
    rows = [
        EventRow(day, at, listing.number, kind, channel, SourceClass.OUR_SEARCH, city, campaign, position, number + 1, verdict)
        for number in range(times)
    ]
    happened(rows, batch_id=f"{listing.number}-{kind}-{channel}-{verdict}-{days_ago}-{campaign}", at=timezone.now())


def test_it_works(client: Client, listing: Resource) -> None:
    assert listing.city is not None
    happen(listing, 40, city=listing.city.number)
    happen(listing, 20, days_ago=10)
    happen(listing, 100, EventType.IMPRESSION, position=3)
    happen(listing, 7, EventType.CONTACT, channel=Channel.CALL)
    happen(listing, 2, EventType.DIRECTION)
    happen(listing, 312, verdict=Verdict.BOT)
    happen(listing, 5, campaign="affiche-marche")
    SharedQuery.objects.create(language="fr", text="ndole bonanjo", shared_on=timezone.localdate())
    write_details(day=timezone.localdate(), details={"fr|ndole bonanjo": {f"to|{listing.pk.hex}": packed(41, 86, 9)}})
    other = SharedQuery.objects.create(language="fr", text="reparation frigo", shared_on=timezone.localdate())
    UnansweredDay.objects.create(query=other, day=timezone.localdate(), city="douala", quarter="akwa", searches=132)
    clear_process_caches()
    words = text_of(client.get(PAGE).content)
    for said in (
        "Saveurs du Wouri", "Vues de la fiche 65", "Appels 7", "Itinéraires 2", "Vues de la fiche : 65, contre 0 sur la période d’avant.",
        "ndole bonanjo rang 2,1 41", "Appel 7", "Recherche Ecosyste 65", "affiche-marche 5", "Douala 40",
        "Rang moyen dans les listes : 3,0.",
        "Affichages dans les listes 100", "Écartés de ces chiffres : 312 événements de robots.", "Chiffres jusqu’à",
        "132 recherches pour « reparation frigo » à Akwa, Douala n’ont rien trouvé.", "Fiche complète à", "Ajouter un numéro de téléphone",
        "Gratuit, sans échéance.", "sans JavaScript, ou composé à la main, il ne l’est pas", "Visiteurs du jour",
    ):  # fmt: skip
        assert said in words, said
    assert "Écartés" in words
    english = text_of(client.get("/en/compte/statistiques/").content)
    assert "Views of the listing 65" in english
    assert "Shown in lists 100 Views of the listing 65% 65" in english
    assert re.search(r"Listing \d+% complete", english)
    assert "132 searches for “reparation frigo” in Akwa, Douala found nothing." in english


def test_the_period_before_is_compared(client: Client, listing: Resource) -> None:
    happen(listing, 30)
    happen(listing, 20, days_ago=8)
    happen(listing, 10, EventType.CONTACT, channel=Channel.WHATSAPP)
    happen(listing, 20, EventType.CONTACT, channel=Channel.WHATSAPP, days_ago=9)
    words = text_of(client.get(f"{PAGE}?periode=7j").content)
    assert "hausse de 50 %" in words
    assert "baisse de 50 %" in words
    assert "contre 20 sur la période d’avant" in words
    assert "comparé aux 7 jours d’avant" in words
    chosen = text_of(client.get(f"{PAGE}?periode=7j&mesure=whatsapp").content)
    assert "Messages WhatsApp : 10, contre 20 sur la période d’avant." in chosen
    year = client.get(f"{PAGE}?periode=12m")
    assert "Vues de la fiche : 50, contre 0" in text_of(year.content)
    assert year.content.decode().count('<th scope="row">') >= 12
    assert "comparé à autant de jours d’avant" in text_of(year.content)


@pytest.mark.parametrize(
    "query",
    ["periode=1000j", "periode=30j&periode=", "mesure=%00", "mesure=DROP TABLE", "fiche=", "utm_source=x&fbclid=y", "periode=%F0%9F%98%80"],
    ids=["period", "twice", "nul", "sql", "empty", "foreign", "emoji"],
)
def test_what_is_not_offered_is_the_usual_page(client: Client, listing: Resource, query: str) -> None:  # noqa: ARG001  has to be there
    page = client.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert "Saveurs du Wouri" in text_of(page.content)


@pytest.mark.parametrize(
    "slug", ["nulle-part", "%00", "x" * 5000, "../../etc", "saveurs-du-wouri'--"], ids=["none", "nul", "long", "path", "sql"]
)
def test_a_listing_that_does_not_exist_is_not_found(client: Client, listing: Resource, slug: str) -> None:  # noqa: ARG001  has to be there
    assert client.get(f"{PAGE}?fiche={slug}").status_code == 404


def test_only_ones_own_listings_are_shown(client: Client, listing: Resource) -> None:
    foreign = make_resource(name="Chez un autre", slug="chez-un-autre", user=make_user())
    make_resource(name="Sans propriétaire", slug="sans-proprietaire")
    happen(foreign, 99)
    assert client.get(f"{PAGE}?fiche=chez-un-autre").status_code == 404
    assert client.get(f"{PAGE}?fiche=sans-proprietaire").status_code == 404
    mine = text_of(client.get(PAGE).content)
    assert "99" not in mine
    assert "Chez un autre" not in mine
    client.logout()
    assert client.get(f"{PAGE}?fiche={listing.slug}")["Location"].startswith("/fr/compte/login/")


def test_a_deleted_listing_is_gone(client: Client, listing: Resource) -> None:
    Resource.objects.filter(pk=listing.pk).update(deleted_at=timezone.now())
    assert client.get(f"{PAGE}?fiche={listing.slug}").status_code == 404
    assert "Vous ne gérez pas encore de fiche" in text_of(client.get(PAGE).content)


def test_staff_look_at_anybodys_listing_and_are_told_so(client: Client, listing: Resource) -> None:
    happen(listing, 12)
    client.force_login(make_user(is_staff=True))
    words = text_of(client.get(f"{PAGE}?fiche={listing.slug}").content)
    assert "en tant que membre de l’équipe" in words
    assert "Vues de la fiche 12" in words
    assert "Voir les factures" not in words
    assert "Vous ne gérez pas encore de fiche" in text_of(client.get(PAGE).content)


def test_several_listings_are_added_up_and_looked_at_one_by_one(client: Client, user: User, listing: Resource) -> None:
    second = make_resource(name="Wouri Traiteur", slug="wouri-traiteur", user=user)
    happen(listing, 3)
    happen(second, 4)
    page = client.get(PAGE)
    words = text_of(page.content)
    assert "Toutes vos fiches" in words
    assert "Vues des fiches 7" in words
    assert "Vues par fiche Wouri Traiteur 0 contact, complète à" in words, "the most seen first"
    # Somebody may have visited both: no visitors of several listings.
    assert "Visiteurs du jour" not in words
    assert 'href="/fr/compte/statistiques/?fiche=wouri-traiteur"' in page.content.decode()
    alone = text_of(client.get(f"{PAGE}?fiche=wouri-traiteur&periode=7j").content)
    assert "Vues par fiche" not in alone
    assert "Vues de la fiche 4" in alone
    assert "Visiteurs du jour" in alone


def test_before_the_first_listing_there_is_something_to_do(client: Client, user: User) -> None:  # noqa: ARG001  is logged in
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Vous ne gérez pas encore de fiche" in text_of(page.content)
    assert 'href="/fr/recherche/"' in page.content.decode()


def test_before_the_first_visit_there_is_something_to_do(client: Client, listing: Resource) -> None:
    page = client.get(PAGE)
    words = text_of(page.content)
    assert "Aucune visite comptée dans cette période" in words
    assert "wa.me/?text=Saveurs%20du%20Wouri" in page.content.decode()
    assert "Vues de la fiche 0" in words
    Resource.objects.filter(pk=listing.pk).update(status="pending")
    assert "personne ne la voit encore" in text_of(client.get(PAGE).content)


def test_late_figures_say_so(client: Client, listing: Resource) -> None:
    late, until = "Le comptage a du retard.", "une visite y entre en une minute environ"
    happen(listing, 3, days_ago=1)
    # That nobody came for a day is no delay.
    words = text_of(client.get(PAGE).content)
    assert late not in words
    assert until in words
    row = EventRow(timezone.localdate(), timezone.now(), listing.number, EventType.VIEW, 0, 1, None, "", None, 1, 0)
    record([row], batch_id="young", at=timezone.now() - dt.timedelta(minutes=2))
    assert late not in text_of(client.get(PAGE).content)
    record([row], batch_id="old", at=timezone.now() - dt.timedelta(minutes=20))
    count_waiting(at=timezone.now(), slice_events=1, budget_s=0)
    assert late in text_of(client.get(PAGE).content)
    assert "attendent d’être comptées. Rien n’est perdu." in text_of(client.get(PAGE).content)
    count_waiting(at=timezone.now())
    assert late not in text_of(client.get(PAGE).content)
    # What no drainer has taken waits, too.
    stream.client().xadd(stream.name, {"n": "left"}, id=f"{int((time.time() - 900) * 1000)}-0")
    assert late in text_of(client.get(PAGE).content)
    stream.forget()
    assert late not in text_of(client.get(PAGE).content)


def test_the_plan_and_the_next_payment_are_there(client: Client, user: User, listing: Resource) -> None:
    make_subscription(
        user=user, resource=listing, product="listing_premium", state=SubscriptionState.ACTIVE, started_at=timezone.now(),
        period_start=timezone.now(),
        period_end=timezone.now() + dt.timedelta(days=20),
    )  # fmt: skip
    words = text_of(client.get(PAGE).content)
    assert "Prochain paiement le" in words
    assert "Changer de forfait" in words


def test_a_data_set_is_not_called(client: Client, user: User) -> None:
    data = make_resource(name="Pluviométrie", slug="pluviometrie", resource_type="data", user=user, profile={"licence": "CC BY 4.0"})
    happen(data, 2, EventType.CONTACT, channel=Channel.SITE)
    words = text_of(client.get(PAGE).content)
    assert "Visites du site 2" in words
    assert "Appels" not in words
    assert "Choisir une licence" not in words


def test_statements_do_not_grow(
    client: Client, user: User, listing: Resource, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    happen(listing, 10, city=1)
    client.get(PAGE)
    with django_assert_max_num_queries(14):
        client.get(PAGE)
    for number in range(5):
        happen(make_resource(user=user, slug=f"fiche-{number}-de-plus"), 3)
    # Of several, what each brought.
    with django_assert_max_num_queries(17):
        client.get(PAGE)


def test_it_is_found_from_the_listings_and_the_account(client: Client, listing: Resource) -> None:
    assert f'href="/fr/compte/statistiques/?fiche={listing.slug}"' in client.get("/fr/compte/fiches/").content.decode()
    assert 'href="/fr/compte/statistiques/"' in client.get("/fr/compte/").content.decode()
