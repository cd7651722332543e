"""Token counts."""

from __future__ import annotations

import msgspec
import pytest

from plano.domain.usage import Usage


def test_what_was_not_counted_is_unknown() -> None:
    """None, never 0, for every count; and nobody has estimated anything."""
    counts = msgspec.structs.asdict(Usage())
    assert counts.pop("is_estimated") is False
    assert set(counts.values()) == {None}


def test_it_is_frozen() -> None:
    """A count is not changed after the fact."""
    with pytest.raises(AttributeError):
        Usage(1).input_tokens = 2  # type: ignore[misc]
