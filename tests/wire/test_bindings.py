"""Records of sessions that leave the process: unreadable, unforgeable, and over when they are over."""

from __future__ import annotations

import msgspec
import pytest

from plano.domain.episode import MAX_VISITS, Episode
from plano.domain.model import LONGEST_ID
from plano.domain.session import Binding
from plano.wire.bindings import LARGEST, place, seal, unseal

SECRET = b"s" * 32
KEY = place(SECRET, "tenant", "", "s1", "p/m")
BINDING = Binding("p/m", "code", 1000.0, 42, cost_usd=0.25)
RECORD = seal(SECRET, KEY, BINDING, until=1600.0)


def test_a_record_comes_back() -> None:
    """Everything of it, as long as it is not over."""
    assert unseal(SECRET, KEY, RECORD, now=1599.0) == BINDING


def test_the_account_of_a_session_comes_back() -> None:
    """With as many visits as it may have, and names as long as they may be; it is not lost to the limit of a record."""
    episode = Episode("p/m", 1000, 1.5, 0.25, 3)
    for number in range(MAX_VISITS):
        episode = episode.visited(f"p/{number}" + "m" * LONGEST_ID, 1000, 1000.5)
    binding = msgspec.structs.replace(BINDING, episode=episode)
    assert unseal(SECRET, KEY, seal(SECRET, KEY, binding, until=1600.0), now=1000.0) == binding


@pytest.mark.parametrize("at", [0, 31, 32, len(RECORD) - 1])
def test_an_altered_record_is_none(at: int) -> None:
    """One bit anywhere."""
    altered = bytes([*RECORD[:at], RECORD[at] ^ 1, *RECORD[at + 1 :]])
    assert unseal(SECRET, KEY, altered, now=1000.0) is None


@pytest.mark.parametrize(
    ("secret", "key", "record", "now"),
    [
        (SECRET, KEY, RECORD, 1600.0),
        (b"t" * 32, KEY, RECORD, 1000.0),
        (SECRET, place(SECRET, "tenant", "", "s2", "p/m"), RECORD, 1000.0),
        (SECRET, KEY, b"", 1000.0),
        (SECRET, KEY, b'{"anchor_model": "p/m", "last_used": 1}', 1000.0),
        (SECRET, KEY, RECORD + b" " * LARGEST, 1000.0),
    ],
)
def test_what_is_no_record_of_ours_is_none(secret: bytes, key: bytes, record: bytes, now: float) -> None:
    """Over, of another installation, of another session, empty, of another gateway, too large."""
    assert unseal(secret, key, record, now=now) is None


def test_a_record_of_another_form_is_none() -> None:
    """A later version may write what this one cannot read."""
    payload = msgspec.json.encode({"format": 2, "model": "p/m", "route": None, "used_at": 1, "until": 9e9, "x": 1})
    from plano.wire import bindings  # noqa: PLC0415 - the one private name that a forger would need

    assert unseal(SECRET, KEY, bindings._mac(SECRET, KEY, payload) + payload, now=1000.0) is None


def test_a_place_says_nothing_and_is_never_shared() -> None:
    """Delimiters inside parts move nothing from one part to the next."""
    places = [("a", "", "b:c"), ("a:b", "", "c"), ("a", "b", "c"), ("a", "", "bc"), ("", "a", "bc"), ("1:a", "", "bc")]
    assert len({place(SECRET, *parts) for parts in places}) == len(places)
    assert b"s1" not in KEY
    assert len(KEY) == 32
