"""Structured logs: one JSON object a line, with the request's id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog


def logging_config(*, level: str, folder: str) -> dict[str, Any]:
    """Django's `LOGGING`: JSON on standard output and, when a folder is given, in combined.log and error.log there."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handlers: dict[str, Any] = {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}}
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, least in (("combined", level), ("error", "ERROR")):
            handlers[name] = {
                "class": "logging.handlers.WatchedFileHandler", "formatter": "json", "level": least,
                "filename": str(Path(folder) / f"{name}.log"), "encoding": "utf-8",
            }  # fmt: skip
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            "django.server": {"handlers": list(handlers), "level": "WARNING", "propagate": False},
            # One line a request is ours; this one adds the traceback of a crash.
            "django.request": {"level": "ERROR"},
            # Every delivery and sweep would be two lines; failures are warnings and errors.
            **{name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.beat", "celery.worker.strategy")},
        },
    }
