"""Legal texts as they may be shown: addresses filled in, and only the HTML that a text needs."""

from __future__ import annotations

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

_TAGS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "em", "a", "br"}


def shown(body: str) -> SafeString:
    """The body of a legal page, cleaned."""
    for name, address in (("contact", settings.CONTACT_EMAIL), ("abuse", settings.ABUSE_EMAIL)):
        body = body.replace(f"{{{name}}}", f'<a href="mailto:{address}">{address}</a>')
    cleaned = nh3.clean(body, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"}, link_rel="noopener")
    return mark_safe(cleaned)  # noqa: S308  cleaned in the line above
