"""Pages of a source: asked politely, once in a reading, and only for what changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import time
from collections.abc import Callable, Mapping
from typing import IO

from django.conf import settings

from apps.core.clock import now
from apps.core.outgoing import Answer, Client, Limits, OutgoingError
from apps.ingestion.models import FetchedPage, Source
from apps.ingestion.services import evidence, robots
from apps.ingestion.services.credentials import Credential
from apps.ingestion.services.politeness import SiteBusy, let_rest, retry_after, wait_turn
from apps.ingestion.sources import Page, PageUnavailable
from apps.ingestion.sources.pages import HTML

HTML_LIMITS = Limits(total_s=45, wait_s=15, body_bytes=5_000_000)
DATA_LIMITS = Limits(total_s=120, wait_s=20, body_bytes=25_000_000)
FILE_LIMITS = Limits(total_s=1800, wait_s=30, body_bytes=1_000_000_000)
ATTEMPTS = 3
# After so many pages in a row that fail the site is the matter, not the pages.
FAILING = 5
# A site that asks for a shorter rest is waited for; for a longer one the worker leaves.
REST_WAITED_S = 30.0


class FileUnchanged(Exception):
    """A file is as it was when it was taken whole last."""


# Opens a page in a browser and gives it as it is once its scripts ran. :raises PageUnavailable: it does not open.
Render = Callable[[str], Page]


class PoliteFetch:
    """The `Fetch` of one reading of a source.

    A page that was read since `since` comes from its evidence: a reading that was broken off goes on where it stopped. One that the site
    says is unchanged comes from there, too.

    :param since: when the reading began. :param is_kept: False for a trial, which leaves nothing behind.
    :param credential: goes to its own host only. :param render: for pages that need a browser.
    :param on_page: told before each request; what it raises ends the reading.
    """

    def __init__(
        self,
        source: Source,
        *,
        since: dt.datetime,
        client: Client | None = None,
        delay_s: float | None = None,
        is_kept: bool = True,
        render: Render | None = None,
        credential: Credential | None = None,
        on_page: Callable[[], object] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source, self._since, self._client = source, since, client or Client()
        self._delay_s = settings.FETCH_DELAY_S if delay_s is None else delay_s
        self._is_kept, self._render, self._on_page, self._sleep = is_kept, render, on_page, sleep
        self._credential = credential
        self._failed = 0
        self.requests = 0

    def __call__(self, url: str, *, accept: str = HTML, changed_at: dt.datetime | None = None) -> Page:
        """The page. :raises PageUnavailable: see there; `SiteBusy` when it may be asked later."""
        known = FetchedPage.objects.filter(source=self._source, url_hash=_hash(url)).first()
        is_enough = known is not None and (known.fetched_at >= self._since or (changed_at is not None and known.fetched_at > changed_at))
        if known is not None and is_enough and (body := evidence.read(known.evidence)) is not None:
            return _page(known, body, is_unchanged=known.changed_at < self._since)
        try:
            page = self._asked(url, accept, known)
        except PageUnavailable as error:
            self._failed += error.is_final and not error.reason.startswith(("http_4", "robots"))
            if self._failed >= FAILING:
                raise PageUnavailable(url, "site_failing", error.reason, is_final=False) from error
            raise
        self._failed = 0
        return page

    def download(self, url: str, into: IO[bytes]) -> Mapping[str, str]:
        """Copy a file of any size into `into`; returns what `remember_file` keeps of it.

        :raises FileUnchanged: it is as it was when it was taken whole last. :raises PageUnavailable: there is none.
        """
        self._take_turn(url)
        headers = self._secret(url)
        # Files are not kept: what the site may answer "unchanged" to was taken whole, and by the rules that the source has now.
        known = FetchedPage.objects.filter(source=self._source, url_hash=_hash(url), fetched_at__gt=self._source.updated_at).first()
        if known is not None:
            headers |= _conditions(known)
        try:
            with self._client.stream(url, headers=headers, limits=FILE_LIMITS, before_redirect=self._take_turn) as answer:
                self._check(url, answer.status, answer.headers.get("Retry-After"))
                if answer.status == 304:
                    raise FileUnchanged(url)
                for chunk in answer.chunks:
                    into.write(chunk)
                return {"etag": _header(answer.headers.get("ETag"), 200), "last_modified": _header(answer.headers.get("Last-Modified"), 60)}
        except OutgoingError as error:
            raise PageUnavailable(url, error.reason, error.found, is_final=not error.is_passing) from error

    def _secret(self, url: str) -> dict[str, str]:
        return self._credential.headers_for(url) if self._credential is not None else {}

    def _asked(self, url: str, accept: str, known: FetchedPage | None) -> Page:
        if self._render is not None and accept == HTML:
            self._take_turn(url)
            return self._kept(url, self._render(url), known)
        # What the site may answer "unchanged" to must still be here.
        is_held = known is not None and evidence.read(known.evidence) is not None
        headers = {"Accept": accept, "Accept-Language": "fr,en;q=0.8", **self._secret(url)}
        if known is not None and is_held:
            headers |= _conditions(known)
        answer = self._answer(url, headers, HTML_LIMITS if accept == HTML else DATA_LIMITS)
        if answer.status == 304 and known is not None:
            known.fetched_at = now()
            if self._is_kept:
                known.save(update_fields=["fetched_at"])
            body = evidence.read(known.evidence)
            if body is None:
                raise PageUnavailable(url, "evidence_lost")
            return _page(known, body, is_unchanged=True)
        page = Page(answer.url, answer.body, answer.headers.get("Content-Type", "")[:120])
        return self._kept(url, page, known, status=answer.status, headers=answer.headers)

    def _answer(self, url: str, headers: dict[str, str], limits: Limits) -> Answer:
        """An answer with a page, or "unchanged"; asked again, later each time, while the failure may pass."""
        for attempt in range(ATTEMPTS):
            is_last = attempt == ATTEMPTS - 1
            self._take_turn(url)
            try:
                answer = self._client.fetch(url, headers=headers, limits=limits, before_redirect=self._take_turn)
                self._check(url, answer.status, answer.headers.get("Retry-After"))
            except OutgoingError as error:
                if is_last or not error.is_passing:
                    raise PageUnavailable(url, error.reason, error.found) from error
            except SiteBusy as busy:
                if is_last or busy.wait_s > REST_WAITED_S:
                    raise
                self._sleep(busy.wait_s)
                continue
            except PageUnavailable as error:
                if is_last or not error.reason.startswith("http_5"):
                    raise
            else:
                return answer
            self._sleep(self._delay_s * 2 ** (attempt + 1) * random.uniform(0.8, 1.2))  # noqa: S311  not a secret
        raise AssertionError("the last attempt answers or raises")

    def _take_turn(self, url: str) -> None:
        """Before every request, redirected ones included. :raises PageUnavailable: the site does not want it."""
        self._on_page()
        try:
            rules = robots.rules_for(url, client=self._client, at=now())
        except OutgoingError as error:
            raise PageUnavailable(url, error.reason, error.found) from error
        if not rules.is_allowed:
            raise PageUnavailable(url, "robots_forbid")
        wait_turn(url, robots.host_of(url), delay_s=max(self._delay_s, rules.delay_s), sleep=self._sleep)
        self.requests += 1

    def _check(self, url: str, status: int, rest: str | None) -> None:
        if status in {429, 503}:
            seconds = retry_after(rest, at=now())
            let_rest(robots.host_of(url), seconds)
            raise SiteBusy(url, f"http_{status}", seconds)
        if status not in {200, 203, 304}:
            raise PageUnavailable(url, f"http_{status}")

    def _kept(
        self, url: str, page: Page, known: FetchedPage | None, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Page:
        digest = evidence.digest_of(page.body)
        is_unchanged = known is not None and known.content_hash == digest
        page = Page(page.url, page.body, page.content_type, is_unchanged)
        if not self._is_kept:
            return page
        kept, at = evidence.keep(page.body), now()
        said = headers if headers is not None else {}
        FetchedPage.objects.update_or_create(
            source=self._source,
            url_hash=_hash(url),
            defaults={
                "url": url, "status": status, "content_type": page.content_type.replace("\x00", ""), "etag": _header(said.get("ETag"), 200),
                "last_modified": _header(said.get("Last-Modified"), 60), "final_url": page.url if page.url != url else "",
                "content_hash": kept.digest, "evidence": kept.name, "fetched_at": at,
                "changed_at": known.changed_at if known is not None and is_unchanged else at,
            },
        )  # fmt: skip
        return page


def remember_file(source: Source, url: str, validators: Mapping[str, str], *, at: dt.datetime) -> None:
    """Note that a file was taken whole, so that it need not be sent again while it is the same."""
    if not any(validators.values()):
        FetchedPage.objects.filter(source=source, url_hash=_hash(url)).delete()
        return
    kept = {"url": url, "status": 200, "content_hash": "", "evidence": "", "fetched_at": at, "changed_at": at, **validators}
    FetchedPage.objects.update_or_create(source=source, url_hash=_hash(url), defaults=kept)


def _conditions(known: FetchedPage) -> dict[str, str]:
    return {name: value for name, value in (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified)) if value}


def _hash(url: str) -> bytes:
    return hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _page(known: FetchedPage, body: bytes, *, is_unchanged: bool) -> Page:
    return Page(known.final_url or known.url, body, known.content_type, is_unchanged)


def _header(value: str | None, most: int) -> str:
    """A header to send back; one that is too long cannot be sent back whole, so not at all."""
    text = value or ""
    return text if len(text) <= most and text.isprintable() else ""
