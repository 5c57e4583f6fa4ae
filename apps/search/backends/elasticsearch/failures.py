"""What goes wrong on the way, as the one error that callers know."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from elastic_transport import TransportError
from elasticsearch import ApiError

from apps.search.backends.base import EngineUnavailable


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Whatever the client says against it, the engine did not answer.

    :raises EngineUnavailable: names the kind of failure and what the server called it; no address.
    """
    try:
        yield
    except ApiError as error:
        raise EngineUnavailable(f"{error.status_code} {error.error}") from error
    except TransportError as error:
        raise EngineUnavailable(type(error).__name__) from error
