"""The shipped router, loaded once."""

from __future__ import annotations

import pytest

from plano.intent.embedded import EmbeddedClassifier
from plano.intent.package import Parts, load


@pytest.fixture(scope="session")
def parts() -> Parts:
    """The parts of the shipped router."""
    return load()


@pytest.fixture
def router(parts: Parts) -> EmbeddedClassifier:
    """The shipped router without memories of other tests."""
    return EmbeddedClassifier(parts)
