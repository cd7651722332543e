"""When a provider says "come back later"."""

from __future__ import annotations

import pytest

from plano.dispatch.retry_after import Told, read_hold, unreadable

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
        ({"retry-after": "20, 40"}, 40.0),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:00 GMT, Sun, 22 Nov 2026 10:00:20 GMT", "date": DATE}, 259_200.0),
        ({"retry-after-ms": "100, 1500"}, 1.5),
        ({"x-ratelimit-reset": "5, 20"}, 20.0),
        ({"x-ratelimit-reset": "5ms, 1m"}, 60.0),
        ({"x-ratelimit-reset-requests": "12ms"}, 0.012),
        ({"x-ratelimit-reset-tokens": "1s"}, 1.0),
        ({"x-ratelimit-reset": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-after": "1h2m3.5s"}, 3_723.5),
        ({"ratelimit-reset": "20"}, 20.0),
        ({"x-ratelimit-reset": "1795341620"}, 20.0),
        ({"x-ratelimit-reset": "1795341620000"}, 20.0),
        ({"x-ratelimit-reset-tokens": "2026-11-22T10:00:20Z", "date": DATE}, 20.0),
        ({"x-ratelimit-reset": "Sun, 22 Nov 2026 10:00:20 GMT", "date": DATE}, 20.0),
        ({"anthropic-ratelimit-tokens-reset": "2026-11-22T10:00:20Z"}, 20.0),
        ({"anthropic-ratelimit-reset": "2026-11-22T11:00:20+01:00"}, 20.0),
        ({"ratelimit": '"default";r=0;t=20'}, 20.0),
        ({"ratelimit": '"a";r=0;t=5, "b";r=0;t=9'}, 9.0),
    ],
)
def test_times_that_are_named(fields: dict[str, str], seconds: float) -> None:
    """Seconds, milliseconds and all three forms of a date; a date counts from the answer's own clock."""
    hold = read_hold(Told(fields, NOW))
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
    assert read_hold(Told({"retry-after": value, "date": DATE}, NOW)) is None


@pytest.mark.parametrize(
    "value", ["+5", "1e3", "0x10", "NaN", "inf", "soon", "", "2678401", "Mon, 99 Foo", "20, soon", "1795341620"]
)
def test_what_cannot_be_read(value: str) -> None:
    """A sign, an exponent, words, nothing, more than 31 days: somebody is told which field."""
    assert unreadable(Told({"retry-after": value, "date": DATE}, NOW)) == ("retry-after",)


@pytest.mark.parametrize("value", ["20", "0.5", "0", "-5", "Sun, 22 Nov 2026 09:59:00 GMT", "20, 40"])
def test_what_is_read_though_it_names_no_time(value: str) -> None:
    """Nought, a negative number and the past are understood."""
    assert unreadable(Told({"retry-after": value, "date": DATE}, NOW)) == ()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"retry-after-ms": "fast", "retry-after": "2"}, ("retry-after-ms",)),
        ({"x-ms-retry-after-ms": "1e3"}, ("x-ms-retry-after-ms",)),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-reset-requests": "later"}, ("x-ratelimit-reset-requests",)),
        ({"x-ratelimit-reset": "1795341620000", "ratelimit-reset": "20"}, ()),
        ({"anthropic-ratelimit-tokens-reset": "tomorrow"}, ("anthropic-ratelimit-tokens-reset",)),
        ({"x-ratelimit-limit": "many", "anthropic-ratelimit-tokens-remaining": "few", "date": "never"}, ()),
    ],
)
def test_which_fields_are_looked_at(fields: dict[str, str], named: tuple[str, ...]) -> None:
    """Every one that names a time to come back, and no other."""
    assert unreadable(Told(fields, NOW)) == named


def test_no_field() -> None:
    """Without a field no time is named."""
    assert read_hold(Told({}, NOW)) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('{"error": {"details": [{"retryDelay": "13s"}]}}', 13.0),
        ("Rate limit reached. Please try again in 41.724s. Visit", 41.724),
        ("Please try again in 6m0s.", 360.0),
        ("Please try again in 250ms", 0.25),
        ("try again in 1h2m3.5s", 3_723.5),
        ("Please retry after 26 seconds.", 26.0),
        ("Please retry in 2 minutes", 120.0),
        ("Try again in 20", 20.0),
        ("You will regain access on 2026-12-01 at 00:00 UTC.", 741_600.0),
        ("You will regain access on 2026-12-01", 741_600.0),
    ],
)
def test_times_that_a_body_says(text: str, seconds: float) -> None:
    """The known members and phrases, counted from the answer's own clock where they are dates."""
    hold = read_hold(Told({"date": DATE}, 0.0, text))
    assert hold is not None
    assert hold.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "try again later",
        "try again in a moment",
        "try again in 20 years",
        "in 20s",
        '"retryDelay": "13"',
        "x" * 9_000 + "try again in 5s",
    ],
)
def test_bodies_that_say_none(text: str) -> None:
    """Other words, other members, and what stands too far down."""
    assert read_hold(Told({}, NOW, text)) is None


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"retry-after": "3", "x-ratelimit-reset": "9"}, 3.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "9"}, 9.0),
        ({"retry-after": "0", "x-ratelimit-reset": "9"}, 9.0),
        ({"x-ratelimit-reset": "+9", "anthropic-ratelimit-tokens-reset": "2026-11-22T10:00:20Z"}, 20.0),
    ],
)
def test_the_first_row_that_can_be_read_wins(fields: dict[str, str], seconds: float) -> None:
    """A row that names no time leaves the word to the next one."""
    hold = read_hold(Told(fields, NOW, "try again in 77s"))
    assert hold is not None
    assert hold.seconds == pytest.approx(seconds)


def test_counters_that_are_used_up() -> None:
    """Those at 0 count, the longest of them; where none is, the longest of all, if the provider limits the rate."""
    fields = {
        "x-ratelimit-reset-requests": "5s",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-tokens": "6m0s",
        "x-ratelimit-remaining-tokens": "100",
    }
    used_up = read_hold(Told(fields, NOW))
    assert used_up is not None
    assert used_up.seconds == 5.0
    fields["x-ratelimit-remaining-requests"] = "7"
    left = read_hold(Told(fields, NOW))
    assert left is not None
    assert left.seconds == 360.0


def test_counters_on_another_error() -> None:
    """A 500 comes with the state of the counters too: with something left they are no reason to wait six minutes."""
    fields = {"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "100"}
    assert read_hold(Told(fields, NOW, is_limit=False)) is None
    fields["x-ratelimit-remaining-tokens"] = "0"
    assert read_hold(Told(fields, NOW, is_limit=False)) is not None
