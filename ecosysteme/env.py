"""The only reader of the environment. A value that cannot be used stops the start with its name."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured

from ecosysteme import elasticsearch as own_elasticsearch
from ecosysteme import embedded

_env = environ.Env()


def text(name: str, default: str | None = None) -> str:
    """:raises ImproperlyConfigured: unset or empty, and no default."""
    value = str(_env(name, default=default or ""))
    if not value and default is None:
        raise ImproperlyConfigured(f"Set the environment variable {name} (README, section Configuration).")
    return value


def flag(name: str, default: bool) -> bool:
    """True for 1, true, yes, on."""
    return bool(_env.bool(name, default=default))


def number(name: str, default: int) -> int:
    """:raises ImproperlyConfigured: not an integer."""
    try:
        return int(_env.int(name, default=default))
    except ValueError as error:
        raise ImproperlyConfigured(f"The environment variable {name} must be a whole number.") from error


def one_of(name: str, known: Iterable[str], default: str) -> str:
    """One of some words. :raises ImproperlyConfigured: any other."""
    value = text(name, default)
    if value not in known:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(known)}, not {value}.")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in _env.list(name, default=default) if word.strip()]


def prefixed(prefix: str) -> dict[str, str]:
    """What is set under names that begin so, by the rest of the name."""
    return {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix) and value}


def pem(name: str) -> str:
    """A private key of several lines; `\\n` stands for a line's end where only one line fits. :raises ImproperlyConfigured: unset."""
    return text(name).replace("\\n", "\n")


def own_signing_key(folder: Path) -> str:
    """This checkout's own RSA key, made when there is none. Processes that start at once agree on the first one's."""
    kept = folder / "oidc-signing-key.pem"
    if not kept.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        made = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{kept.name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(made)
        with contextlib.suppress(FileExistsError):
            os.link(draft, kept)
        draft.unlink()
    return kept.read_text()


def package_dir(name: str) -> Path:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"The package {name} is missing: install the requirements again.")
    return Path(spec.origin).parent


def _own_server(url: Callable[[], str]) -> str | None:
    """This checkout's own server, which production never falls back to."""
    return None if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production") else url()


def database() -> dict[str, object]:
    """Django's description of `DATABASE_URL`, or of this checkout's own database when unset."""
    config = dict(environ.Env.db_url_config(text("DATABASE_URL", _own_server(embedded.database_url))))
    # A socket folder arrives percent-encoded, as in libpq's own addresses.
    return config | {"HOST": unquote(str(config["HOST"]))}


def redis() -> str:
    """`REDIS_URL` (redis://, rediss:// or unix://), or this checkout's own Redis when unset."""
    return text("REDIS_URL", _own_server(embedded.redis_url))


def elasticsearch() -> dict[str, Any]:
    """How the client reaches `ELASTICSEARCH_URL`, or this checkout's own node when `SEARCH` asks for it; empty: not used.

    :raises ImproperlyConfigured: half a login, two logins, a scheme that is not HTTP, or a CA file that is not there.
    """
    search = text("SEARCH", "")
    if search not in {"", "postgres", "elasticsearch"}:
        raise ImproperlyConfigured(f"SEARCH is postgres or elasticsearch, not {search}.")
    if own_elasticsearch.is_needed():
        return {"hosts": [own_elasticsearch.own_node().url]}
    url = text("ELASTICSEARCH_URL", None if search == "elasticsearch" else "")
    if not url or search == "postgres":
        return {}
    if not url.startswith(("http://", "https://")):
        raise ImproperlyConfigured("ELASTICSEARCH_URL must begin with http:// or https://.")
    options: dict[str, Any] = {"hosts": [url]}
    user, password, api_key = (text(f"ELASTICSEARCH_{name}", "") for name in ("USER", "PASSWORD", "API_KEY"))
    if bool(user) != bool(password) or (user and api_key):
        raise ImproperlyConfigured("Set both ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY alone.")
    if user:
        options["basic_auth"] = (user, password)
    if api_key:
        options["api_key"] = api_key
    if certificate := text("ELASTICSEARCH_CA_FILE", ""):
        if not Path(certificate).is_file():
            raise ImproperlyConfigured(f"ELASTICSEARCH_CA_FILE: there is no file {certificate}.")
        options["ca_certs"] = certificate
    return options
