"""Fixtures of the whole suite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.running import Running, running

# A busy machine is no defect: how long an example takes decides nothing.
settings.register_profile("plano", deadline=None)
settings.load_profile("plano")

# Prometheus itself is no Python package: where the system has it, it is asked what it makes of the metrics.
collect_ignore = [] if shutil.which("prometheus") and shutil.which("promtool") else ["server/test_prometheus.py"]


@pytest.fixture
def gateway() -> Iterator[Running]:
    """A gateway of its own for one test."""
    with running() as one:
        yield one
