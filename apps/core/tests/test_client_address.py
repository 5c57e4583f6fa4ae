"""Where a call comes from: what our proxies say, and nothing that the caller says."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from apps.core.client_address import UNKNOWN, client_ip, limit_key

CALLER = "203.0.113.9"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, None, CALLER),
        (0, "198.51.100.1", CALLER),
        (0, "198.51.100.1, 10.0.0.1", CALLER),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.66, 198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1, 10.0.0.66,198.51.100.1 ", "198.51.100.1"),
        (2, "10.0.0.66, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
        (2, "198.51.100.1", CALLER),
        (1, "", CALLER),
        (1, ", ,", CALLER),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "198.51.100.1:4711", UNKNOWN),
        (1, "unknown", UNKNOWN),
        (1, "1'; DROP TABLE users", UNKNOWN),
        (1, "198.51.100.1\x00", UNKNOWN),
    ],
)
def test_only_our_proxies_are_believed(settings: Settings, proxies: int, forwarded: str | None, found: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=CALLER, headers=headers)) == found


@pytest.mark.parametrize("header", ["X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "X-Forwarded"])
def test_other_headers_say_nothing(settings: Settings, header: str) -> None:
    settings.TRUSTED_PROXIES = 1
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=CALLER, headers={header: "198.51.100.1"})) == CALLER


def test_a_customer_with_ipv6_is_one_caller() -> None:
    assert limit_key("2001:db8:1:2::1") == limit_key("2001:db8:1:2:ffff::9") != limit_key("2001:db8:1:3::1")
    assert limit_key("198.51.100.1") != limit_key("198.51.100.2")
