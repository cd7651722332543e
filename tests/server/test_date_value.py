"""The value of the Date field."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from plano.server.date_value import DateValue


def test_it_is_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the clock says, made anew with each second."""
    value, now = DateValue(), 1_763_800_000.25
    monkeypatch.setattr("plano.server.date_value.time.time", lambda: now)
    first = value()
    assert first == "Sat, 22 Nov 2025 08:26:40 GMT"
    now += 0.5
    assert value() is first
    now += 0.5
    assert parsedate_to_datetime(value()).timestamp() == 1_763_800_001
