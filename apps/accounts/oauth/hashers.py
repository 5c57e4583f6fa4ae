"""How secrets of programs are stored."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class MachineSecretHasher(BasePasswordHasher):
    """One SHA-256, right for 256 random bits that nobody can guess, and wrong for a password.

    Listed last in `PASSWORD_HASHERS`: nothing is hashed with it unless asked by name.
    """

    algorithm = "machine_sha256"

    def salt(self) -> str:
        """Each secret is random by itself."""
        return ""

    def encode(self, password: str, salt: str) -> str:  # noqa: ARG002  Django's signature
        """The text to store."""
        return f"{self.algorithm}${hashlib.sha256(password.encode()).hexdigest()}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the secret is the stored one."""
        return constant_time_compare(self.encode(password, ""), encoded)

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts of what is stored."""
        algorithm, digest = encoded.split("$", 1)
        return {"algorithm": algorithm, "hash": digest, "salt": ""}

    def safe_summary(self, encoded: str) -> dict[str | _StrPromise, Any]:
        """What the administration shows."""
        return {_("algorithm"): self.algorithm, _("hash"): f"{self.decode(encoded)['hash'][:6]}…"}

    def must_update(self, encoded: str) -> bool:  # noqa: ARG002  Django's signature
        """Never: there is nothing to strengthen."""
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to hide: its time does not tell anything."""
