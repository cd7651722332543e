"""The numbers of the limits, as the documentation promises them."""

from __future__ import annotations

import dataclasses

import pytest

from plano.http1.limits import Limits

PROMISED = {
    "head_bytes": 65_536,
    "target_bytes": 8_192,
    "fields": 100,
    "first_byte_s": 10.0,
    "head_s": 10.0,
    "idle_s": 60.0,
    "body_bytes": 33_554_432,
    "body_grace_s": 5.0,
    "body_bytes_per_s": 1_024,
    "chunk_extension_bytes": 256,
    "trailer_bytes": 8_192,
    "pipelined_bytes": 65_536,
    "write_stall_s": 60.0,
    "answer_head_bytes": 65_536,
    "answer_body_bytes": 67_108_864,
    "answer_stream_bytes": 1_073_741_824,
}


@pytest.mark.parametrize(("name", "value"), PROMISED.items())
def test_default(name: str, value: float) -> None:
    """A documented limit has its documented default."""
    assert getattr(Limits(), name) == value


def test_frozen() -> None:
    """Limits do not change while a connection lives."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().fields = 5  # type: ignore[misc]


def test_every_limit_is_positive() -> None:
    """A limit of zero would refuse everybody."""
    assert all(value > 0 for value in dataclasses.asdict(Limits()).values())
