"""Kinds of values: what each accepts, and the code of what it refuses."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from plano.config.kinds import (
    HEADER_NAME,
    HEADER_VALUE,
    HOST_AND_PORT,
    Address,
    Choice,
    Duration,
    Flag,
    Key,
    Kind,
    Number,
    Text,
    UrlText,
    Whole,
)

PORT, SHARE, CHOICE = Whole(0, 65_535), Number(0, 1), Choice(("a", "b"), refused=(("c", "not c"),), when_empty="a")
ABOVE = Number(0, 10, is_above=True)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), "x", "x"),
        (Text(max_bytes=2), "é", "é"),
        (Text(), "a\nb", "a\nb"),
        (Flag(), "true", True),
        (Flag(), "FALSE", False),
        (PORT, "0", 0),
        (PORT, " 65535 ", 65_535),
        (PORT, "+1", 1),
        (PORT, "007", 7),
        (SHARE, "0", 0.0),
        (SHARE, "1", 1.0),
        (SHARE, ".5", 0.5),
        (SHARE, "1e-3", 0.001),
        (ABOVE, "0.001", 0.001),
        (CHOICE, "b", "b"),
        (CHOICE, "", "a"),
        (Duration(), "30s", 30.0),
        (Duration(), "500ms", 0.5),
        (Duration(), "5m", 300.0),
        (Duration(), "1h", 3600.0),
        (Duration(), "1m30s", 90.0),
        (Duration(), "0.25s", 0.25),
        (Duration(), "86400s", 86_400.0),
        (UrlText(), "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
        (Key(), "sk-x", "sk-x"),
        (Address(), "0.0.0.0", "0.0.0.0"),
        (Address(), "[::1]", "::1"),
        (Address(), "localhost", "localhost"),
        (HEADER_NAME, "X-A", "X-A"),
        (HEADER_VALUE, "a b", "a b"),
        (HEADER_VALUE, "", ""),
        (HOST_AND_PORT, "x.example:1", "x.example:1"),
        (HOST_AND_PORT, "[::1]:80", "[::1]:80"),
    ],
)
def test_accepted(kind: Kind, text: str, value: object) -> None:
    """The text is read as this value, of this type."""
    read = kind.read(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Text(), "", "PL-C014"),
        (Text(), " \n", "PL-C014"),
        (Text(max_bytes=2), "éé", "PL-C014"),
        (Text(is_one_line=True), "a\nb", "PL-C014"),
        (Text(is_one_line=True), "a\x1b", "PL-C014"),
        (Text(), "caf\udce9", "PL-C014"),
        (Text(), ["x"], "PL-C013"),
        (Text(), {"x": "y"}, "PL-C013"),
        (Text(), None, "PL-C012"),
        (Flag(), "yes", "PL-C013"),
        (Flag(), "1", "PL-C013"),
        (PORT, "-1", "PL-C014"),
        (PORT, "65536", "PL-C014"),
        (PORT, "1.0", "PL-C013"),
        (PORT, "1_0", "PL-C013"),
        (PORT, "0x1F", "PL-C013"),
        (PORT, "9" * 5000, "PL-C013"),
        (PORT, "١", "PL-C013"),
        (SHARE, "1.01", "PL-C014"),
        (SHARE, "-0.1", "PL-C014"),
        (SHARE, "nan", "PL-C013"),
        (SHARE, ".inf", "PL-C013"),
        (SHARE, "1e999", "PL-C014"),
        (SHARE, "10%", "PL-C013"),
        (ABOVE, "0", "PL-C014"),
        (CHOICE, "A", "PL-C015"),
        (CHOICE, "c", "PL-C016"),
        (Choice(("a",)), "", "PL-C015"),
        (Duration(), "30", "PL-C017"),
        (Duration(), "30 s", "PL-C017"),
        (Duration(), "-1s", "PL-C017"),
        (Duration(), "1.2.3s", "PL-C017"),
        (Duration(), "0s", "PL-C014"),
        (Duration(), "25h", "PL-C014"),
        (UrlText(), "h", "PL-C043"),
        (UrlText(), "http://169.254.169.254", "PL-C044"),
        (Key(), "", "PL-C014"),
        (Key(), "a b", "PL-C014"),
        (Key(), "a\n", "PL-C014"),
        (Key(), "é", "PL-C014"),
        (Key(16), "short", "PL-C014"),
        (Address(), "example.com", "PL-C017"),
        (Address(), "256.0.0.1", "PL-C017"),
        (HEADER_NAME, "a b", "PL-C017"),
        (HEADER_NAME, "a:", "PL-C017"),
        (HEADER_VALUE, "a\r\nb", "PL-C017"),
        (HOST_AND_PORT, "a/b", "PL-C017"),
    ],
)
def test_refused(kind: Kind, value: object, code: str) -> None:
    """What does not fit is refused with this code."""
    with pytest.raises(PydanticCustomError) as caught:
        kind.read(value)
    context = caught.value.context
    assert context is not None
    assert context["code"] == code


def test_a_number_without_unit_is_told_how_to_be_written() -> None:
    """A bare number for a duration names the form with seconds."""
    with pytest.raises(PydanticCustomError) as caught:
        Duration().read("30")
    assert caught.value.context is not None
    assert caught.value.context["hint"] == "write '30s' for seconds"


@pytest.mark.parametrize("secret", ["sk-secret value", "pineapple"])
def test_keys_are_not_repeated(secret: str) -> None:
    """The refusal of a key does not hold the key."""
    with pytest.raises(PydanticCustomError) as caught:
        Key(16).read(secret)
    assert secret not in f"{caught.value.context}{caught.value}"
