"""What happens in ingestion. The key of each event is the batch's id."""

from __future__ import annotations

from apps.core.events import Event

# batch_id: str. A batch waits as a file for a worker.
batch_received = Event("ingestion.batch_received")
