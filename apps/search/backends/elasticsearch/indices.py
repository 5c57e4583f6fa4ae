"""The indices behind the alias that is searched, and how one takes the place of another while both are written.

`<prefix>-places` is searched. While an index is being filled it stands behind `<prefix>-places-next`, and what happens
meanwhile is written to both: documents carry versions, so that whichever comes last the newest stays.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from apps.search.backends.base import EngineUnavailable
from apps.search.backends.elasticsearch import mapping
from apps.search.backends.elasticsearch.failures import answering
from apps.search.documents import SearchDocument

# Writes may wait and be repeated: by their version it does no harm.
WRITE_TIMEOUT_S = 30
WRITE_RETRIES = 3
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
# All that is read of the answer to a write.
_TOLD = ["errors", "items.*.status", "items.*.error"]
# Searches that began on the former index have ended by then.
FAREWELL_S = 1.0


class Indices:
    """All that this installation has under its prefix."""

    def __init__(self, client: Elasticsearch, *, prefix: str, refresh: bool) -> None:
        """:param refresh: writes are seen at once; else within a second, which is much cheaper."""
        self.client = client.options(
            request_timeout=WRITE_TIMEOUT_S, max_retries=WRITE_RETRIES, retry_on_timeout=True, retry_on_status=BUSY
        )
        self.alias = f"{prefix}-places"
        self.next_alias = f"{self.alias}-next"
        self._refresh = refresh
        self._prepare = mapping.ResourceDocument().prepare

    def is_current(self) -> bool:
        """Whether there is an index to search, made by this version of the code."""
        with answering():
            behind = self._behind(self.alias)
            found = self.client.indices.get_mapping(index=behind).body if behind else {}
        return bool(found) and all(one["mappings"].get("_meta") == mapping.MAPPING["_meta"] for one in found.values())

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents wherever they belong now; those that are older than what is held are passed over."""
        return self._write(self._indexing(documents), self._targets())

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents wherever they are, unless what is held is newer."""
        return self._write([_action("delete", pk, version) for pk, version in versions.items()], self._targets())

    @contextlib.contextmanager
    def rebuilding(self) -> Iterator[Callable[[Sequence[SearchDocument]], int]]:
        """Fill a new index with what the block writes; at its end the new one serves, or is gone when the block failed.

        One at a time: the caller sees to that. What a killed one left is deleted first.
        """
        now = dt.datetime.now(dt.UTC)
        new = f"{self.alias}-{now:%Y%m%d%H%M%S%f}"
        with answering():
            self._drop(self._behind(self.next_alias))
            self.client.indices.create(
                index=new, mappings=mapping.MAPPING, settings=mapping.SETTINGS | mapping.FILLING, aliases={self.next_alias: {}}
            )
        try:
            yield lambda documents: self._write(self._indexing(documents), [self.next_alias])
            with answering():
                self._serve(new)
        except BaseException:
            with contextlib.suppress(EngineUnavailable), answering():
                self._drop([new])
            raise

    def remove(self) -> None:
        """Delete every index of this installation."""
        with answering():
            self._drop(list(self.client.indices.get(index=f"{self.alias}-*")))

    def _serve(self, new: str) -> None:
        self.client.indices.put_settings(index=new, settings=mapping.SERVING)
        self.client.indices.refresh(index=new)
        former = self._behind(self.alias)
        self.client.indices.update_aliases(
            actions=[
                {"add": {"index": new, "alias": self.alias}},
                {"remove": {"index": new, "alias": self.next_alias}},
                *({"remove": {"index": index, "alias": self.alias}} for index in former),
            ]
        )
        if former:
            time.sleep(FAREWELL_S)
            self._drop(former)

    def _behind(self, alias: str) -> list[str]:
        # A pattern, because an alias that is not there is an error and an index that is not there is nothing.
        found = self.client.indices.get_alias(index=f"{self.alias}-*").body
        return [index for index, its in found.items() if alias in its["aliases"]]

    def _drop(self, indices: Sequence[str]) -> None:
        for index in indices:
            self.client.indices.delete(index=index, ignore_unavailable=True)

    def _targets(self) -> list[str]:
        """Without an index there is nothing to keep up to date: a rebuild reads everything from the database."""
        with answering():
            return [alias for alias in (self.alias, self.next_alias) if self._behind(alias)]

    def _indexing(self, documents: Sequence[SearchDocument]) -> list[dict[str, Any]]:
        newest: dict[uuid.UUID, SearchDocument] = {}
        for one in documents:
            if one.id not in newest or newest[one.id].version <= one.version:
                newest[one.id] = one
        return [{**_action("index", one.id, one.version), "_source": self._prepare(one)} for one in newest.values()]

    def _write(self, actions: Sequence[dict[str, Any]], targets: Sequence[str]) -> int:
        """Returns how many of them the first target took.

        :raises EngineUnavailable: also when a document is refused for anything but its version.
        """
        done = 0
        for target in targets:
            # An alias that went meanwhile stood for an index that was swapped in: the write to the other one reached it.
            accepted = {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}
            with answering():
                for was_done, item in streaming_bulk(
                    self.client, ({**action, "_index": target} for action in actions), raise_on_error=False, raise_on_exception=True,
                    max_retries=WRITE_RETRIES, initial_backoff=0.2, refresh=self._refresh, require_alias=True, filter_path=_TOLD,
                ):  # fmt: skip
                    answer = next(iter(item.values()))
                    if not was_done and answer["status"] not in accepted:
                        raise EngineUnavailable(f"{answer['status']} {answer.get('error')}")
                    done += was_done and target == targets[0]
        return done


def _action(kind: str, pk: uuid.UUID, version: int) -> dict[str, Any]:
    return {"_op_type": kind, "_id": str(pk), "version": version, "version_type": "external_gte"}
