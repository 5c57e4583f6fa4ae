"""The only client for addresses that others give us: links of sources, pages to scrape, webhooks.

Every address a name stands for is checked, and the connection goes to a checked one: no second look-up, also after
redirects. Time, bytes, headers and redirects are bounded. Addresses that operators put into settings do not pass through here.
"""

from apps.core.outgoing.addresses import check_address, is_allowed
from apps.core.outgoing.client import Answer, Client, Limits, Streamed, user_agent
from apps.core.outgoing.connecting import Resolve, resolve_host
from apps.core.outgoing.errors import AnswerTooLarge, OutgoingError, OutgoingFailed, OutgoingRefused, OutgoingTimeout

__all__ = [
    "Answer", "AnswerTooLarge", "Client", "Limits", "OutgoingError", "OutgoingFailed", "OutgoingRefused", "OutgoingTimeout", "Resolve",
    "Streamed", "check_address", "is_allowed", "resolve_host", "user_agent",
]  # fmt: skip
