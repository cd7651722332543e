"""Endpoints made ready: found again when they are the same, never mixed up, and not remembered without end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.domain.request import Call
from plano.domain.secret import Secret
from plano.http1.limits import Limits
from plano.upstream import destination
from plano.upstream.destination import Destination, Destinations
from plano.upstream.pool import Pool
from tests.upstream.playing import KEY, call_of, endpoint_at

HERE = endpoint_at(80)


@pytest.fixture
def pool() -> Pool:
    """A pool that connects to nobody."""
    return Pool(Limits(), lambda: pytest.fail("no TLS here"))


def head(one: Destination) -> str:
    """The head of a request of some caller."""
    return _rendered(one, call_of()).decode().lower()


def _rendered(one: Destination, call: Call) -> bytes:
    dialect = call.request.dialect
    return one.templates[dialect].render(one.fields(call, dialect), body_size=1)


def test_the_same_endpoint_is_made_once(pool: Pool) -> None:
    """The same one is found again; its like at the same origin shares its connections."""
    known = Destinations(pool)
    first = known.of(HERE)
    assert known.of(HERE) is first
    assert known.of(replace(HERE, path="/other")).lane is first.lane
    assert known.of(endpoint_at(81)).lane is not first.lane


def test_never_mixed_up(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many endpoints come and go, and wherever they lie in memory, each gets its own path and key."""
    monkeypatch.setattr(destination, "REMEMBERED", 3)
    known = Destinations(pool)
    for number in range(200):
        endpoint = replace(HERE, path=f"/{number}", key=Secret(f"key-of-{number}-x"))
        for one in (endpoint, HERE):
            made = known.of(one)
            assert made.endpoint is one
        assert head(known.of(endpoint)).startswith(f"post /{number} http/1.1\r\n")
        assert f"bearer key-of-{number}-x\r\n" in head(known.of(endpoint))
        assert len(known._known) <= 3


def test_the_whole_head(pool: Pool) -> None:
    """What the template holds and what the call adds make one head, each name once, configured fields first."""
    endpoint = replace(HERE, headers=(("Content-Type", "mine"), ("X-Team", "t")))
    lines = head(Destination(endpoint, pool.lane(endpoint))).split("\r\n")
    names = [line.partition(":")[0] for line in lines[1:-2]]
    assert sorted(names) == sorted(set(names))
    assert {"host: 127.0.0.1:80", "content-type: mine", "x-team: t", f"authorization: bearer {KEY}"} <= set(lines)


def test_the_callers_key_is_of_the_call(pool: Pool) -> None:
    """Two callers share a destination and no key."""
    endpoint = replace(HERE, passthrough_auth=True)
    one = Destination(endpoint, pool.lane(endpoint))
    heads = [_rendered(one, call_of(credential=key and Secret(key))) for key in ("caller-a-key", "caller-b-key", None)]
    assert [b"caller-a-key" in head for head in heads] == [True, False, False]
    assert [b"caller-b-key" in head for head in heads] == [False, True, False]
    assert not any(KEY.encode() in head for head in heads)


@pytest.mark.parametrize("change", [{"path": "/a b"}, {"path": "/a\r\nx: y"}, {"headers": (("x", "\n"),)}])
def test_what_cannot_be_written(pool: Pool, change: dict[str, object]) -> None:
    """A path or a field with a space or line end in the wrong place is found before anything is connected."""
    with pytest.raises(ValueError):
        Destinations(pool).of(replace(HERE, **change))  # type: ignore[arg-type]
