"""One gateway for the cases that leave no trace in it; others make their own stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.answers import ok
from tests.acceptance.stand import AS_CODE, Stand, stand


@pytest.fixture(scope="package")
def shared() -> Iterator[Stand]:
    """A stand under configuration F."""
    with stand() as made:
        yield made


@pytest.fixture
def f(shared: Stand) -> Iterator[Stand]:
    """The shared stand with its hosts as new; for cases in which no model fails."""
    for one, usual in ((shared.r, lambda _: AS_CODE), (shared.ua, ok), (shared.uo, ok)):
        one.usual, one.script, one.calls = usual, [], []
    yield shared
