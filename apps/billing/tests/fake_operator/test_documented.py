"""docs/fake-operator.md names everything that may be asked for."""

from __future__ import annotations

from dataclasses import fields

from apps.billing.fake_operator.client import ROOT
from apps.billing.fake_operator.control import PREFIX, actions
from apps.billing.fake_operator.options import Options
from apps.billing.fake_operator.outcomes import NEVER_ENDS, XAF_NUMBERS
from apps.billing.fake_operator.routes import ROUTES
from apps.billing.fake_operator.rules import CallbackPolicy, Effects, Report
from apps.billing.fake_operator.scenarios import SCENARIOS
from apps.billing.fake_operator.truth import State


def test_it_works() -> None:
    text = (ROOT / "docs" / "fake-operator.md").read_text()
    words = {
        *SCENARIOS,
        *(route.endpoint for route in ROUTES),
        *(item.name for kind in (Effects, CallbackPolicy, Report, Options) for item in fields(kind)),
        *(f"{method} {PREFIX}{name}" for method, name in actions()),
        *(f"69345{last}" for last in [*XAF_NUMBERS, NEVER_ENDS]),
        *State,
    }
    assert sorted(word for word in words if word not in text) == []
