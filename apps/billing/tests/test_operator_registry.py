"""Which operators there are, and who takes whose money."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.billing.checks import check_operators_can_be_asked
from apps.billing.choices import Operator, ProviderCode, Reason
from apps.billing.exceptions import ProviderNotConfigured
from apps.billing.providers.port import Callback, Hint, Seen, Submitted
from apps.billing.providers.registry import configured, offered, provider
from apps.billing.tests.charges import charge, refund
from apps.billing.tests.recorded_journal import RecordedJournal

ROOT = Path(__file__).parents[3]
ADDRESSES = {
    "MTN_MOMO_BASE_URL": ProviderCode.MTN,
    "ORANGE_MP_BASE_URL": ProviderCode.ORANGE_MP,
    "ORANGE_WEBPAY_BASE_URL": ProviderCode.ORANGE_WEB,
    "PAWAPAY_BASE_URL": ProviderCode.PAWAPAY,
}


@pytest.fixture(autouse=True)
def no_operators(settings: Any) -> None:
    for name in ADDRESSES:
        setattr(settings, name, "")


def test_it_works(settings: Any) -> None:
    for name, code in ADDRESSES.items():
        setattr(settings, name, "https://operator.example")
        assert provider(code).code is code
    assert configured() == [*ADDRESSES.values(), ProviderCode.FAKE]


def test_one_without_an_address_does_not_exist() -> None:
    assert configured() == [ProviderCode.FAKE]
    for code in [*ADDRESSES.values(), ProviderCode.BANK]:
        with pytest.raises(ProviderNotConfigured):
            provider(code)
    assert offered(Operator.MTN) is offered(Operator.ORANGE) is None


def test_who_is_preferred(settings: Any) -> None:
    settings.PAWAPAY_BASE_URL = "https://operator.example"
    assert offered(Operator.MTN) is offered(Operator.ORANGE) is ProviderCode.PAWAPAY
    settings.ORANGE_WEBPAY_BASE_URL = "https://operator.example"
    assert offered(Operator.ORANGE) is ProviderCode.ORANGE_WEB
    settings.ORANGE_MP_BASE_URL = "https://operator.example"
    assert offered(Operator.ORANGE) is ProviderCode.ORANGE_MP
    settings.MTN_MOMO_BASE_URL = "https://operator.example"
    assert offered(Operator.MTN) is ProviderCode.MTN


def test_built_once_and_anew_when_a_setting_changes(settings: Any) -> None:
    settings.PAWAPAY_BASE_URL = "https://operator.example"
    first = provider(ProviderCode.PAWAPAY)
    assert provider(ProviderCode.PAWAPAY) is first
    settings.PAWAPAY_TOKEN = uuid.uuid4().hex
    assert provider(ProviderCode.PAWAPAY) is not first


def test_an_address_that_cannot_be_one_is_loud(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = "momo"
    with pytest.raises(ImproperlyConfigured):
        provider(ProviderCode.MTN)


FORKING = """
import os, django
django.setup()
from apps.billing.providers.registry import provider
first = provider("pawapay")
child = os.fork()
if child == 0:
    os._exit(0 if provider("pawapay") is not first else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert provider("pawapay") is first
"""


def test_a_forked_process_opens_connections_of_its_own() -> None:
    environment = os.environ | {"PAWAPAY_BASE_URL": "https://operator.example"}
    done = subprocess.run([sys.executable, "-c", FORKING], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("last", "seen", "reason"),
    [
        ("3456789", Seen.SUCCEEDED, None),
        ("0000111", Seen.SUCCEEDED, None),
        ("3456019", Seen.FAILED, Reason.PAYER_LIMIT),
        ("3456029", Seen.FAILED, Reason.INVALID_PAYER),
        ("3456039", Seen.FAILED, Reason.DECLINED),
        ("3456049", Seen.FAILED, Reason.INSUFFICIENT_FUNDS),
        ("3456069", Seen.FAILED, Reason.PROVIDER_ERROR),
        ("3456129", Seen.IN_PROGRESS, None),
    ],
)
@pytest.mark.parametrize("start", ["+23765", "+23769"])
def test_test_mode(journal: RecordedJournal, start: str, last: str, seen: Seen, reason: Reason | None) -> None:
    fake, one = provider(ProviderCode.FAKE), charge(msisdn=f"{start}{last}")
    assert fake.prepare(one, journal).outcome is fake.submit(one, journal).outcome is Submitted.ACCEPTED
    sighting = fake.query(one, journal)
    assert (sighting.seen, sighting.reason, sighting.amount, sighting.currency) == (seen, reason, Decimal(5000), "XAF")
    assert sighting.reference == str(one.reference)
    assert bool(sighting.transaction_id) is (seen is Seen.SUCCEEDED)
    assert len(journal.entries) == 2


def test_test_mode_gives_each_payment_its_own_transaction(journal: RecordedJournal) -> None:
    fake = provider(ProviderCode.FAKE)
    ids = {fake.query(replace(charge(), reference=uuid.uuid4()), journal).transaction_id for _ in range(3)}
    assert len(ids) == 3


def test_refunds_of_test_mode(journal: RecordedJournal) -> None:
    fake = provider(ProviderCode.FAKE)
    assert fake.can_refund
    assert fake.refund(refund(), journal).outcome is Submitted.ACCEPTED
    assert fake.query_refund(refund(), journal).seen is Seen.SUCCEEDED
    assert fake.balance(journal) is None
    assert not fake.recognises(Callback("POST", "/", b"{}"))
    assert fake.hint(Callback("POST", "/", b"{}")) == Hint()


@pytest.mark.parametrize(
    ("name", "value"),
    [("ORANGE_MP_BASE_URL", "momo"), ("ORANGE_MP_BASE_URL", "ftp://operator.example"), ("ORANGE_MP_CA_FILE", "/nowhere.pem"),
     ("ORANGE_MP_PIN", "00\n00")],
)  # fmt: skip
def test_what_cannot_be_asked_with_is_said_at_the_start(settings: Any, name: str, value: str) -> None:
    settings.ORANGE_MP_BASE_URL = "https://operator.example"
    assert check_operators_can_be_asked(None) == []
    setattr(settings, name, value)
    assert [error.id for error in check_operators_can_be_asked(None)] == ["billing.E004"]
