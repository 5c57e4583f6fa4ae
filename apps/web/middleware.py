"""What happens to finished pages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SMALLEST = 500
# Quality 4 costs about a millisecond for a page and gives nearly what the slow ones give.
BROTLI_QUALITY = 4
GZIP_LEVEL = 5
# Below /fr or /en.
ACCOUNT_PAGES = ("/compte/", "/developpeurs/", "/gestion/")
_PAGE = re.compile(r"/(?:fr|en)/")


class CompressPagesMiddleware:
    """Pages leave compressed: most visitors pay for each kilobyte.

    Only pages that are the same for everybody: with a session, a page may hold a token, whose length compression betrays
    (https://breachattack.com/). Long views that show figures and no secret pack theirs with `gzip_page`, which also gives them a random
    length. Static files are compressed once on disk, the API by the web server in front.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _PAGE.match(request.path_info) or not response.get("Content-Type", "").startswith("text/html"):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if (
            response.streaming
            or len(response.content) < SMALLEST
            or response.has_header("Content-Encoding")
            or settings.SESSION_COOKIE_NAME in request.COOKIES
        ):
            return response
        accepted = {part.split(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
        if "br" in accepted:
            response.content = brotli.compress(response.content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
            response["Content-Encoding"] = "br"
        elif "gzip" in accepted:
            response.content = gzip.compress(response.content, GZIP_LEVEL, mtime=0)
            response["Content-Encoding"] = "gzip"
        if response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))
        return response


class PrivatePagesMiddleware:
    """Keeps the pages of the way in and of accounts out of every cache, the browser's own on a shared phone included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info[3:].startswith(ACCOUNT_PAGES):
            response["Cache-Control"] = "private, no-store"
        return response
