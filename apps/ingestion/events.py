"""What happens in ingestion. The key of an event is the id of the batch or source that it is about."""

from __future__ import annotations

from apps.core.events import Event

# batch_id: str. A batch waits as a file for a worker.
batch_received = Event("ingestion.batch_received")
# upload_id: str. The columns of an uploaded file were named: an import is to be tried.
upload_named = Event("ingestion.upload_named")
# batch_id: str. A finished batch lost at least ten records, and more than a tenth of what came.
batch_mostly_rejected = Event("ingestion.batch_mostly_rejected")
# source_id: str, reason: str (words for staff), at: ISO. Nothing is taken from a source until staff resumes it.
source_paused = Event("ingestion.source_paused")
# source_id: str. A source is over; its values have to leave the entries.
source_withdrawn = Event("ingestion.source_withdrawn")
# source_id: str. Its withdrawal was taken back; its values have to return.
source_restored = Event("ingestion.source_restored")
# word: str. Staff decided what a source's word for a category means; key is the word.
word_decided = Event("ingestion.word_decided")
# batch_id: str. All of a batch that somebody sent was taken, or its end was an error; key is the batch's id.
batch_finished = Event("ingestion.batch_finished")
