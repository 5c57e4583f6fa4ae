"""Events of visitors on their way to the table: docs/analytics.md."""

from __future__ import annotations

from ecosysteme import env

# How long a process keeps events before it hands them over; what is in it when it is killed is lost. 0: not at all.
ANALYTICS_BUFFER_MS = env.number("ANALYTICS_BUFFER_MS", 100)
# What the stream of events may hold in Redis while PostgreSQL is away: a million events are about 80 MB.
ANALYTICS_STREAM_BYTES_MAX = env.number("ANALYTICS_STREAM_BYTES_MAX", 64 * 1024 * 1024)
# Whether the probe complains of a Redis that may evict events or forgets them when it is restarted.
ANALYTICS_NEEDS_DURABLE_REDIS = True
# Networks (CIDR) where no people have browsers, such as those that cloud providers publish: what comes from there is a robot's.
ANALYTICS_SERVER_NETWORKS = env.words("ANALYTICS_SERVER_NETWORKS", [])
