"""What the beat sends, and when. Each task is dropped when it waited longer than until its next turn."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": {"task": "apps.core.tasks.sweep_outbox", "schedule": 10.0, "options": {"expires": 10}},
    "flush-usage": {"task": "apps.accounts.tasks.flush_usage", "schedule": 60.0, "options": {"expires": 60}},
    "prune-accounts": {"task": "apps.accounts.tasks.prune_accounts", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-deliveries": {"task": "apps.notifications.tasks.sweep_deliveries", "schedule": 30.0, "options": {"expires": 30}},
    "send-digests": {"task": "apps.notifications.tasks.send_digests", "schedule": 600.0, "options": {"expires": 600}},
    "tell-of-time": {"task": "apps.notifications.tasks.tell_of_time", "schedule": 1800.0, "options": {"expires": 1800}},
    # Its own silence shows at /health/ready, in the metrics and at HEARTBEAT_URL.
    "watch": {"task": "apps.notifications.tasks.watch", "schedule": 60.0, "options": {"expires": 60}},
    "work-off-broadcasts": {"task": "apps.notifications.tasks.work_off_broadcasts", "schedule": 15.0, "options": {"expires": 15}},
    "prune-deliveries": {"task": "apps.notifications.tasks.prune_deliveries", "schedule": 3600.0, "options": {"expires": 3600}},
    # The second try of a webhook comes five seconds after the first.
    "dispatch-webhooks": {"task": "apps.notifications.webhook_tasks.dispatch_webhooks", "schedule": 5.0, "options": {"expires": 5}},
    "prune-webhooks": {"task": "apps.notifications.webhook_tasks.prune_webhooks", "schedule": 3600.0, "options": {"expires": 3600}},
    "refresh-search-statistics": {
        "task": "apps.search.tasks.refresh_statistics",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "flush-search-demand": {"task": "apps.search.tasks.flush_demand", "schedule": 300.0, "options": {"expires": 300}},
    "prune-search": {"task": "apps.search.tasks.prune", "schedule": crontab(hour=3, minute=40), "options": {"expires": 7200}},
    "repair-search-drift": {"task": "apps.search.tasks.repair_drift", "schedule": crontab(hour=3, minute=10), "options": {"expires": 7200}},
    "sweep-batches": {"task": "apps.ingestion.tasks.sweep_batches", "schedule": 60.0, "options": {"expires": 60}},
    "read-due-sources": {"task": "apps.ingestion.tasks.read_due_sources", "schedule": 60.0, "options": {"expires": 60}},
    "check-sources": {"task": "apps.ingestion.tasks.check_sources", "schedule": 600.0, "options": {"expires": 600}},
    "replay-outdated": {
        "task": "apps.ingestion.tasks.replay_outdated",
        "schedule": crontab(hour=2, minute=20),
        "options": {"expires": 7200},
    },
    "find-duplicates": {
        "task": "apps.ingestion.tasks.find_duplicates",
        "schedule": crontab(hour=1, minute=20),
        "options": {"expires": 7200},
    },
    "prune-ingestion": {"task": "apps.ingestion.tasks.prune", "schedule": crontab(hour=4, minute=10), "options": {"expires": 7200}},
    # Within the first minute payers look at their phones: the ladder's steps are ten seconds there.
    "reconcile-payments": {"task": "apps.billing.tasks.reconcile_payments", "schedule": 5.0, "options": {"expires": 5}},
    "lapse-invoices": {"task": "apps.billing.tasks.lapse_invoices", "schedule": 600.0, "options": {"expires": 600}},
    "watch-ledger": {"task": "apps.billing.tasks.watch_ledger", "schedule": crontab(hour=4, minute=40), "options": {"expires": 7200}},
    "reconcile-refunds": {"task": "apps.billing.tasks.reconcile_refunds", "schedule": 15.0, "options": {"expires": 15}},
    "check-operators": {"task": "apps.billing.tasks.check_operators", "schedule": 300.0, "options": {"expires": 300}},
    "read-balances": {"task": "apps.billing.tasks.read_balances", "schedule": 3600.0, "options": {"expires": 3600}},
    "prune-callbacks": {"task": "apps.billing.tasks.prune_callbacks", "schedule": crontab(hour=4, minute=40), "options": {"expires": 7200}},
    "renew-subscriptions": {"task": "apps.billing.tasks.renew_subscriptions", "schedule": 60.0, "options": {"expires": 60}},
    "refresh-plans": {"task": "apps.catalog.tasks.refresh_plans", "schedule": 60.0, "options": {"expires": 60}},
    "check-plans": {"task": "apps.billing.tasks.check_plans", "schedule": crontab(hour=2, minute=50), "options": {"expires": 7200}},
    # Figures are a minute old at most: events are written within seconds and counted many at a time.
    "drain-events": {"task": "apps.analytics.tasks.drain_events", "schedule": 5.0, "options": {"expires": 5}},
    "count-events": {"task": "apps.analytics.tasks.count_events", "schedule": 30.0, "options": {"expires": 30}},
    "make-partitions": {
        "task": "apps.analytics.tasks.make_partitions",
        "schedule": crontab(hour=0, minute=20),
        "options": {"expires": 7200},
    },
    "prune": {"task": "apps.core.tasks.prune", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-reports": {"task": "apps.analytics.tasks.sweep_reports", "schedule": 60.0, "options": {"expires": 60}},
    "prune-analytics": {
        "task": "apps.analytics.tasks.prune_analytics",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 7200},
    },
}
