"""Whom an announcement reaches, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum

from apps.accounts.models import ApiKey, User
from apps.billing.constants import LIVE_SUBSCRIPTION_STATES
from apps.billing.models import Subscription
from apps.catalog.models import Resource
from apps.notifications.choices import Category, Channel, DeliveryState, Mode, Segment
from apps.notifications.models import Broadcast, ConsentRecord, Delivery, Notification, Preference
from apps.notifications.ports import gsm
from apps.notifications.rendering import Rendered, render_message, render_short

REASONS_SHOWN = 5
# What it is called in the registry, by the channel besides the inbox.
MESSAGE_OF = {Channel.EMAIL: "announcement", Channel.SMS: "announcement_text"}


@dataclass(frozen=True)
class Reach:
    """Who is meant, who of them also wants the channel, and what those messages cost together, in francs."""

    people: int
    by_channel: int
    cost_xaf: int


@dataclass(frozen=True)
class Result:
    """What became of an announcement: who has it in the inbox, its deliveries by state, why some did not leave, and what they cost.

    `states` leaves out those that no delivery is in; `reasons` holds the most frequent ones of what was withheld or given up.
    """

    in_inbox: int
    states: Sequence[tuple[DeliveryState, int]]
    reasons: Sequence[tuple[str, int]]
    cost_xaf: int


def event_of(broadcast: Broadcast) -> str:
    """The event that its notices are written for: one a person."""
    return f"broadcast:{broadcast.pk}"


def audience(broadcast: Broadcast) -> QuerySet[User]:
    """The segment, in the order in which it is told."""
    people = User.objects.filter(is_active=True, deleted_at=None).order_by("pk")
    own = Resource.objects.published().filter(user=OuterRef("pk"))
    if broadcast.city_id:
        people = people.filter(Exists(own.filter(city=broadcast.city_id)))
    if broadcast.segment == Segment.OWNERS:
        people = people.filter(Exists(own))
    elif broadcast.segment == Segment.DEVELOPERS:
        people = people.filter(Exists(ApiKey.objects.filter(user=OuterRef("pk"), is_active=True, livemode=True)))
    elif broadcast.segment == Segment.CUSTOMERS:
        live = Subscription.objects.filter(user=OuterRef("pk"), livemode=True, state__in=LIVE_SUBSCRIPTION_STATES)
        people = people.filter(Exists(live))
    return people


def reach_of(broadcast: Broadcast) -> Reach:
    """How many people an announcement is for, and what it costs: two statements."""
    people = audience(broadcast)
    chosen = {"user": OuterRef("pk"), "category": Category.NEWS, "channel": broadcast.channel}
    last_word = ConsentRecord.objects.filter(**chosen).order_by("-created_at", "-id").values("is_given")[:1]
    wanted = people.alias(agrees=Subquery(last_word)).filter(
        Exists(Preference.objects.filter(**chosen).exclude(mode=Mode.NEVER)), agrees=True
    )
    if broadcast.channel == Channel.SMS:
        wanted = wanted.filter(phone_verified_at__isnull=False)
    languages = dict(wanted.order_by().values_list("language").annotate(n=Count("pk")))
    cost = sum(n * _price(broadcast, language) for language, n in languages.items())
    return Reach(people.count(), sum(languages.values()), cost)


def result_of(broadcast: Broadcast) -> Result:
    """What its messages came to until now, whichever channel: three statements."""
    told = Notification.objects.filter(category=Category.NEWS, dedup_key=event_of(broadcast))
    sent = Delivery.objects.filter(notification__in=told.values("pk")).order_by()
    found = {row[0]: row[1:] for row in sent.values_list("state").annotate(n=Count("pk"), cost=Sum("cost_xaf"))}
    lost = sent.filter(state__in=(DeliveryState.SKIPPED, DeliveryState.FAILED)).values_list("reason").annotate(n=Count("pk"))
    return Result(
        in_inbox=told.filter(is_listed=True).count(),
        states=[(state, found[state][0]) for state in DeliveryState if state in found],
        reasons=list(lost.order_by("-n", "reason")[:REASONS_SHOWN]),
        cost_xaf=sum(cost for _count, cost in found.values()),
    )


def words_of(broadcast: Broadcast, language: str) -> Mapping[str, Any]:
    """The context of the message in a language."""
    text = broadcast.text_en if language == "en" else broadcast.text_fr
    return {
        "subject": broadcast.subject_en if language == "en" else broadcast.subject_fr,
        "paragraphs": [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()],
        "url": f"{settings.SITE_URL}{broadcast.page}" if broadcast.page else "",
    }


def preview_of(broadcast: Broadcast, language: str) -> Rendered:
    """What somebody named Awa would get by the channel."""
    name, context = MESSAGE_OF[Channel(broadcast.channel)], {"name": "Awa", **words_of(broadcast, language)}
    if broadcast.channel == Channel.SMS:
        return Rendered("", render_short(name, language=language, context=context), "")
    return render_message(name, language=language, context=context, is_mail=True)


def _price(broadcast: Broadcast, language: str) -> int:
    if broadcast.channel != Channel.SMS:
        return 0
    return gsm.parts(gsm.plain(preview_of(broadcast, language).text)) * settings.SMS_COST_XAF
