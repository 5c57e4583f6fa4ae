"""What the OpenAPI document says of dashboards."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.analytics.api.figures import CHANNEL_WORDS, FUNNEL, SOURCE_WORDS, TYPE_WORDS
from apps.analytics.constants import COUNTER_MONTHS
from apps.analytics.figures import Granularity
from apps.analytics.periods import NAMES
from apps.core.api.openapi import problem, problems, query


class AnalyticsPeriodSerializer(serializers.Serializer[Any]):
    """Days in Cameroon, both included."""

    first = serializers.DateField()
    last = serializers.DateField()
    days = serializers.IntegerField()


class AnalyticsTotalsSerializer(serializers.Serializer[Any]):
    """Counts by type. Robots, repeats and surges are not among them."""

    views = serializers.IntegerField()
    impressions = serializers.IntegerField(help_text="Shown in a list or a search.")
    clicks = serializers.IntegerField(help_text="Opened from a list or a search.")
    contacts = serializers.IntegerField()
    directions = serializers.IntegerField()
    shares = serializers.IntegerField()
    saves = serializers.IntegerField()


class AnalyticsPointSerializer(AnalyticsTotalsSerializer):
    """One day, week (its Monday) or month (its first)."""

    day = serializers.DateField()
    visitors = serializers.IntegerField(
        allow_null=True,
        help_text="Different people of that day; null where days or listings are added up, where it would count people twice.",
    )


class AnalyticsChangeSerializer(serializers.Serializer[Any]):
    """By how many percent each count grew; null where there was nothing before."""

    def get_fields(self) -> dict[str, Any]:
        """One for each type."""
        return {word: serializers.FloatField(allow_null=True) for word in TYPE_WORDS.values()}


class AnalyticsContactsSerializer(serializers.Serializer[Any]):
    """Contacts by channel."""

    def get_fields(self) -> dict[str, Any]:
        """One for each channel."""
        return {word: serializers.IntegerField() for word in CHANNEL_WORDS.values()}


class AnalyticsStepSerializer(serializers.Serializer[Any]):
    """A step of the way from being seen to being contacted."""

    step = serializers.ChoiceField(choices=[TYPE_WORDS[kind] for kind in FUNNEL])
    count = serializers.IntegerField()


class AnalyticsSourceSerializer(serializers.Serializer[Any]):
    """Where views came from."""

    source = serializers.ChoiceField(choices=list(SOURCE_WORDS.values()))  # type: ignore[assignment]  # the name of the wire
    label = serializers.CharField()  # type: ignore[assignment]  # likewise
    views = serializers.IntegerField()


class AnalyticsCampaignSerializer(serializers.Serializer[Any]):
    """Views of one campaign."""

    campaign = serializers.CharField()
    views = serializers.IntegerField()


class AnalyticsCitySerializer(serializers.Serializer[Any]):
    """Views from one town."""

    city = serializers.CharField(allow_null=True, help_text="Slug; null for a town that is gone.")
    name = serializers.CharField(allow_blank=True)
    views = serializers.IntegerField()


class AnalyticsAsideSerializer(serializers.Serializer[Any]):
    """What was set aside, and why; staff see the same."""

    bot = serializers.IntegerField()
    repeat = serializers.IntegerField()
    flood = serializers.IntegerField()


class AnalyticsQuerySerializer(serializers.Serializer[Any]):
    """A search of several people that showed the listing."""

    text = serializers.CharField()
    language = serializers.CharField()
    shown = serializers.IntegerField()
    clicks = serializers.IntegerField()
    position = serializers.FloatField(help_text="Mean rank at which it was shown.")


class AnalyticsResourceSerializer(serializers.Serializer[Any]):
    """The listing."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class _FiguresSerializer(serializers.Serializer[Any]):
    period = AnalyticsPeriodSerializer()
    previous_period = AnalyticsPeriodSerializer(help_text="As long, ending the day before.")
    counted_until = serializers.DateTimeField(
        allow_null=True, help_text="The newest event of the site that is counted; null when there is none."
    )
    totals = AnalyticsTotalsSerializer()
    previous_totals = AnalyticsTotalsSerializer()
    change_percent = AnalyticsChangeSerializer()
    contacts = AnalyticsContactsSerializer()
    previous_contacts = AnalyticsContactsSerializer()
    funnel = AnalyticsStepSerializer(many=True)
    series = AnalyticsPointSerializer(many=True)
    previous_series = AnalyticsPointSerializer(many=True)
    sources = AnalyticsSourceSerializer(many=True)
    campaigns = AnalyticsCampaignSerializer(many=True, help_text="The twenty with most views.")
    cities = AnalyticsCitySerializer(many=True, help_text="The twenty with most views.")
    hours = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=24, max_length=24),
        min_length=7,
        max_length=7,
        help_text="Views and contacts by weekday (Monday first) and hour in Cameroon.",
    )
    position = serializers.FloatField(allow_null=True, help_text="Mean rank in lists and searches; null when it was shown in none.")
    set_aside = AnalyticsAsideSerializer()
    queries = AnalyticsQuerySerializer(many=True, help_text="The ten that showed it most often; only what several people searched.")


class ListingDashboardSerializer(_FiguresSerializer):
    """What a listing brought."""

    resource = AnalyticsResourceSerializer()


class OwnDashboardSerializer(_FiguresSerializer):
    """What all of the caller's listings brought together."""

    listings = serializers.IntegerField(help_text="How many are added up.")
    listings_max = serializers.IntegerField(help_text="At most so many are, the oldest first.")


_COUNTS: Final = {"views": 842, "impressions": 5120, "clicks": 610, "contacts": 97, "directions": 41, "shares": 6, "saves": 12}
_BEFORE: Final = {"views": 702, "impressions": 4800, "clicks": 544, "contacts": 81, "directions": 38, "shares": 4, "saves": 0}
_FIGURES: Final[dict[str, Any]] = {
    "period": {"first": "2026-10-29", "last": "2026-11-27", "days": 30},
    "previous_period": {"first": "2026-09-29", "last": "2026-10-28", "days": 30},
    "counted_until": "2026-11-27T09:30:00Z", "totals": _COUNTS, "previous_totals": _BEFORE,
    "change_percent": {"views": 19.9, "impressions": 6.7, "clicks": 12.1, "contacts": 19.8, "directions": 7.9, "shares": 50.0,
                       "saves": None},
    "contacts": {"call": 52, "whatsapp": 33, "sms": 2, "email": 3, "site": 5, "copy_number": 2},
    "previous_contacts": {"call": 44, "whatsapp": 27, "sms": 1, "email": 4, "site": 4, "copy_number": 1},
    "funnel": [{"step": "impressions", "count": 5120}, {"step": "views", "count": 842}, {"step": "contacts", "count": 97}],
    "series": [{"day": "2026-10-29", "visitors": 19, **_COUNTS, "views": 24}],
    "previous_series": [{"day": "2026-09-29", "visitors": 17, **_BEFORE, "views": 21}],
    "sources": [{"source": "our_search", "label": "Recherche Ecosyste", "views": 410}],
    "campaigns": [{"campaign": "rentree", "views": 38}], "cities": [{"city": "douala", "name": "Douala", "views": 622}],
    "hours": [[0] * 24] * 7, "position": 3.4, "set_aside": {"bot": 130, "repeat": 22, "flood": 0},
    "queries": [{"text": "pharmacie akwa", "language": "fr", "shown": 320, "clicks": 44, "position": 2.7}],
}  # fmt: skip
_PARAMETERS: Final = [
    query("period", "The last 7 or 30 days, or this month and the eleven before; `30d` unless said otherwise.", enum=list(NAMES)),
    query("first", f"First day, instead of `period`; the counters of {COUNTER_MONTHS} months are kept.", OpenApiTypes.DATE),
    query("last", "Last day, included; at most today.", OpenApiTypes.DATE),
    query("granularity", "Of the series. By itself days for up to 92 of them, else months.", enum=list(Granularity)),
]
_HOW: Final = (
    "Figures of the counters, at most a minute old, with those of the period before. Robots, repeats and surges are set aside and shown as "
    "such. Visitors are people of one day: days are never added up. Keys and applications need `analytics:read`; a test key sees test "
    "entries, of which nothing is counted."
)
LISTING: Final[dict[str, Any]] = {
    "operation_id": "get_dashboard",
    "tags": ["analytics"],
    "summary": "What an entry brought",
    "description": f"Of the caller's own entries; staff read any. {_HOW}",
    "parameters": [OpenApiParameter("resource_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the entry."), *_PARAMETERS],
    "responses": {
        200: OpenApiResponse(
            ListingDashboardSerializer,
            description="The figures.",
            examples=[
                OpenApiExample(
                    "month",
                    {
                        "resource": {
                            "id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073990",
                            "slug": "pharmacie-du-marche",
                            "name": "Pharmacie du Marché",
                        },
                        **_FIGURES,
                    },
                )
            ],
        ),
        **problems(400, 401, 403),
        **problem(404, "There is no such entry, or not for this caller."),
    },
}
OWN: Final[dict[str, Any]] = {
    "operation_id": "get_own_dashboard",
    "tags": ["analytics"],
    "summary": "What all of one's entries brought",
    "description": f"The caller's own entries, added up. {_HOW}",
    "parameters": _PARAMETERS,
    "responses": {
        200: OpenApiResponse(
            OwnDashboardSerializer,
            description="The figures.",
            examples=[OpenApiExample("month", {"listings": 3, "listings_max": 2000, **_FIGURES})],
        ),
        **problems(400, 401, 403),
    },
}
