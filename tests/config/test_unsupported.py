"""Keys of other kinds of gateways."""

from __future__ import annotations

import pytest

from plano.config.schema import File, Listener, Overrides
from plano.config.unsupported import UNSUPPORTED_KEYS


@pytest.mark.parametrize("key", sorted(UNSUPPORTED_KEYS))
def test_refused_by_name(key: str) -> None:
    """A key that is refused by name is nowhere accepted, and the message says what to do."""
    for section in (File, Listener, Overrides):
        assert key not in section.model_fields
    assert UNSUPPORTED_KEYS[key]
