"""What the process itself uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from plano.observe import process
from plano.observe.exposition import render
from plano.observe.process import process_numbers, resident_bytes

from .oracle import number_of, types


def test_the_names_every_client_uses() -> None:
    """Processor time is a counter and grows, memory and start are gauges."""
    scrape = render(process_numbers(started_at=1_700_000_000.5))
    assert types(scrape) == {
        "process_cpu_seconds": "counter",
        "process_resident_memory_bytes": "gauge",
        "process_start_time_seconds": "gauge",
    }
    assert number_of(scrape, "process_start_time_seconds") == 1_700_000_000.5
    assert (number_of(scrape, "process_cpu_seconds_total") or 0) > 0


def test_memory_is_that_of_this_process() -> None:
    """Between what a bare interpreter needs and all there is."""
    assert 5_000_000 < (resident_bytes() or 0) < 64_000_000_000


@pytest.mark.parametrize("content", [None, b"", b"12", b"a b c"])
def test_where_the_system_does_not_tell(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown is unknown: no number, and no series."""
    file = tmp_path / "statm"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(process, "_MEMORY", file)
    assert resident_bytes() is None
    assert b"resident" not in render(process_numbers(started_at=0.0))
