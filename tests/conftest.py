"""Fixtures of the whole suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running import Running, running


@pytest.fixture
def gateway() -> Iterator[Running]:
    """A gateway of its own for one test."""
    with running() as one:
        yield one
