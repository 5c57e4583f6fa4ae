"""What a kind of message is, and the sample values that several share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.notifications.choices import Category, Channel

LINK = "https://ecosyste.example/fr/compte/exemple/"
WHERE = {"device": "Chrome, Android", "network": "192.0.2.0/24", "when": "2026-11-24T09:30:00+00:00"}
# The owner's own channel first; the next one when it fails or nobody confirms it in time.
OWNERS_CHAIN = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True)
class Message:
    """A kind of message.

    :param event: what causes it, for the catalogue's page: an event's name, or words in brackets.
    :param channel: how it leaves besides the inbox, when it has no chain.
    :param chain: channels of which the first that is wanted and works is taken.
    :param is_urgent: passes quiet hours and digests: it cannot wait, or answers what its reader has just done.
    :param is_secret: holds a code or link that opens something: goes straight to the port, is stored nowhere.
    :param private: values that are forgotten once they left, and never shown in the inbox.
    :param sample: every value that the words need, shown in previews; `notify` refuses a context that lacks one.
    """

    name: str
    category: Category
    event: str = ""
    channel: Channel = Channel.EMAIL
    chain: tuple[Channel, ...] = ()
    is_urgent: bool = False
    is_secret: bool = False
    is_listed: bool = True
    private: frozenset[str] = frozenset()
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel that it can leave by."""
        if self.is_secret or not self.is_listed:
            return (self.channel,)
        return (Channel.IN_APP, *(self.chain or (self.channel,)))
