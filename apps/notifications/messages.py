"""Every message that the product sends: the closed registry, put together from `catalogue/`.

The words are in `templates/messages/<name>.txt`, translated as pages are. Its first line is the subject; paragraphs follow,
separated by empty lines; a paragraph `[Label](address)` is a button. The HTML of a mail is made from the same text.
"""

from __future__ import annotations

from apps.notifications.catalogue.billing import BILLING
from apps.notifications.catalogue.kinds import Message
from apps.notifications.catalogue.listings import LISTINGS
from apps.notifications.catalogue.programs import PROGRAMS
from apps.notifications.catalogue.reports import NEWS, REPORTS
from apps.notifications.catalogue.security import ACCOUNT, SECURITY
from apps.notifications.catalogue.staff import STAFF

__all__ = ["MESSAGES", "Message"]

_ALL = (*SECURITY, *ACCOUNT, *BILLING, *LISTINGS, *PROGRAMS, *REPORTS, *STAFF, *NEWS)
MESSAGES: dict[str, Message] = {message.name: message for message in _ALL}
