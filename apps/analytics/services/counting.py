"""Counters of what happened, made from rows of events in one statement: however many events, a listing's day is touched once.

The statement has no join but one by key, so that no guess of the planner about its parts can make it slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.analytics.choices import Channel, EventType, Verdict
from apps.analytics.constants import EVERY_LISTING, MAX_CAMPAIGNS, ZONE
from apps.analytics.services.tallies import ASIDE_COLUMNS, CHANNEL_COLUMNS, TYPE_COLUMNS, bounded

# The lock under which counters change: who counts is alone. Who writes events does not need it.
LOCK = 0x414E02

_VIEW, _SHOWN, _CONTACT = int(EventType.VIEW), int(EventType.IMPRESSION), int(EventType.CONTACT)
# What each column counts, of `kind`: the type of an event that counts, its verdict below zero when it is set aside.
_COUNTS = {
    **{column: f"count(*) FILTER (WHERE kind = {kind:d})" for column, kind in zip(TYPE_COLUMNS, EventType, strict=True)},
    **{
        column: f"count(*) FILTER (WHERE kind = {_CONTACT} AND channel = {channel:d})"
        for column, channel in zip(CHANNEL_COLUMNS, [channel for channel in Channel if channel], strict=True)
    },
    **{
        column: f"count(*) FILTER (WHERE kind = {-verdict:d})"
        for column, verdict in zip(ASIDE_COLUMNS, [verdict for verdict in Verdict if verdict], strict=True)
    },
    "ranked": f"count(position) FILTER (WHERE kind = {_SHOWN})",
    "rank_sum": f"coalesce(sum(position) FILTER (WHERE kind = {_SHOWN}), 0)",
}
_COLUMNS = ", ".join(_COUNTS)
_SUMS = ", ".join(f"sum({column}) AS {column}" for column in _COUNTS)
_ZEROS = ", ".join("0" for _column in _COUNTS)
_ADDED = ", ".join(f"{column} = analytics_listing_days.{column} + excluded.{column}" for column in (*_COUNTS, "visitors"))

# `seen` is read once. All listings together are added up from the listings. Who was there already on that day is not counted again.
# A breakdown is stored anew with what it had: keys of before and of now are added up together.
COUNT = f"""
WITH seen AS MATERIALIZED (
    SELECT day, created_at, resource_number, CASE verdict WHEN 0 THEN event_type ELSE -verdict END AS kind, channel, source, city_number,
           campaign, position, visitor
    FROM {{source}}
), listings AS (
    SELECT resource_number, day, max(created_at) AS last_at, {", ".join(f"{sql} AS {column}" for column, sql in _COUNTS.items())}
    FROM seen GROUP BY resource_number, day
), newcomers AS (
    INSERT INTO analytics_day_visitors (day, resource_number, visitor)
    SELECT DISTINCT v.day, n.number, v.visitor
    FROM (SELECT DISTINCT day, resource_number, visitor FROM seen WHERE visitor IS NOT NULL AND kind > 0 AND kind <> {_SHOWN}) v
    CROSS JOIN LATERAL (VALUES (v.resource_number), ({EVERY_LISTING})) n (number)
    ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING RETURNING resource_number, day
), told AS (
    SELECT resource_number, day, key, count(*) AS times
    FROM (SELECT *, CASE kind WHEN {_VIEW} THEN 'v' ELSE 'c' END AS letter FROM seen WHERE kind IN ({_VIEW}, {_CONTACT})) e
    CROSS JOIN LATERAL (VALUES
        (letter || 's' || source), (letter || 'h' || extract(hour FROM created_at AT TIME ZONE '{ZONE}')),
        (letter || 't' || city_number), (letter || 'k' || nullif(campaign, ''))
    ) k (key)
    WHERE key IS NOT NULL GROUP BY resource_number, day, key
), places AS (
    SELECT resource_number, day FROM told UNION SELECT {EVERY_LISTING}, day FROM told
), keys AS (
    SELECT resource_number, day, key, sum(times) AS times FROM (
        SELECT resource_number, day, key, times FROM told
        UNION ALL SELECT {EVERY_LISTING}, day, key, times FROM told
        UNION ALL SELECT d.resource_number, d.day, k.key, k.value::bigint
        FROM places JOIN analytics_listing_days d USING (resource_number, day) CROSS JOIN LATERAL json_each_text(d.breakdown::json) k
        WHERE d.breakdown <> ''
    ) parts GROUP BY resource_number, day, key
), breakdowns AS MATERIALIZED (
    SELECT resource_number, day, '{{{{' || string_agg(to_json(key) || ':' || times, ',' ORDER BY key COLLATE "C") || '}}}}' AS breakdown,
           count(*) FILTER (WHERE substr(key, 2, 1) = 'k') AS campaigns
    FROM keys GROUP BY resource_number, day
), written AS (
    INSERT INTO analytics_listing_days (resource_number, day, last_at, breakdown, visitors, {_COLUMNS})
    SELECT resource_number, day, max(last_at), max(breakdown), sum(visitors), {_SUMS} FROM (
        SELECT resource_number, day, last_at, '' AS breakdown, 0 AS visitors, {_COLUMNS} FROM listings
        UNION ALL SELECT {EVERY_LISTING}, day, last_at, '', 0, {_COLUMNS} FROM listings
        UNION ALL SELECT resource_number, day, NULL, breakdown, 0, {_ZEROS} FROM breakdowns
        UNION ALL SELECT resource_number, day, NULL, '', 1, {_ZEROS} FROM newcomers
    ) parts GROUP BY resource_number, day ORDER BY resource_number, day
    ON CONFLICT (resource_number, day) DO UPDATE SET {_ADDED},
        last_at = greatest(analytics_listing_days.last_at, excluded.last_at),
        breakdown = CASE WHEN excluded.breakdown = '' THEN analytics_listing_days.breakdown ELSE excluded.breakdown END
)
SELECT resource_number, day, breakdown FROM breakdowns WHERE campaigns > {MAX_CAMPAIGNS}
"""
_BOUND = "UPDATE analytics_listing_days SET breakdown = %s WHERE resource_number = %s AND day = %s"
# Compiling the statement would cost more than running it. Its only join is by key; without statistics the planner may think otherwise.
_SETTINGS = {"jit": "off", "work_mem": "32MB", "enable_hashjoin": "off", "enable_mergejoin": "off"}


def lock_counters() -> None:
    """Wait until nobody else changes counters, and keep others waiting until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def count_from(source: str, values: Sequence[Any], *, settings: dict[str, str] | None = None) -> None:
    """Add the events of a source to the counters, in the caller's transaction and under its lock. Late ones go where they belong.

    The partitions of their days must be there.

    :param source: what stands behind FROM, with its condition; a constant of the caller, whose placeholders are filled from `values`.
    :param settings: of the planner, besides ours, until the end of the transaction.
    """
    with connection.cursor() as cursor:
        for name, value in {**_SETTINGS, **(settings or {})}.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(COUNT.format(source=source), values)
        # Whose campaigns are too many is rare: forged ones, or a listing that has fifty.
        for number, day, breakdown in cursor.fetchall():
            cursor.execute(_BOUND, [bounded(breakdown), number, day])
