"""When a provider says "come back later"."""

from __future__ import annotations

import pytest

from plano.dispatch.retry_after import read_hold

DATE = "Sun, 22 Nov 2026 10:00:00 GMT"
NOW = 1_795_341_600.0


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "250.5"}, 0.2505),
        ({"x-ms-retry-after-ms": "100"}, 0.1),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "30"}, 30.0),
        ({"retry-after-ms": "9000", "retry-after": "3"}, 9.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:20 GMT", "date": DATE}, 20.0),
        ({"retry-after": "Sunday, 22-Nov-26 10:00:20 GMT", "date": DATE}, 20.0),
        ({"retry-after": "Sun Nov 22 10:00:20 2026", "date": DATE}, 20.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:20 GMT"}, 20.0),
        ({"retry-after": str(31 * 86_400)}, 31 * 86_400.0),
    ],
)
def test_times_that_are_named(fields: dict[str, str], seconds: float) -> None:
    """Seconds, milliseconds and all three forms of a date; a date counts from the answer's own clock."""
    hold = read_hold(fields, NOW)
    assert hold is not None
    assert hold.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-5",
        "+5",
        "1e3",
        "0x10",
        "NaN",
        "inf",
        "soon",
        "",
        "2678401",
        "Sun, 22 Nov 2026 09:59:00 GMT",
        "Mon, 99 Foo",
    ],
)
def test_times_that_are_not(value: str) -> None:
    """Nothing, the past, nonsense and more than 31 days name no time."""
    assert read_hold({"retry-after": value, "date": DATE}, NOW) is None


def test_no_field() -> None:
    """Without a field no time is named."""
    assert read_hold({}, NOW) is None
