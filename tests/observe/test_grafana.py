"""The dashboard for Grafana asks for what the gateway counts."""

from __future__ import annotations

import json
import re

from plano.observe.grafana import PANELS, dashboard
from plano.observe.metrics import Metrics

OTHERS = {
    *("plano_ready", "plano_http_in_flight_requests", "plano_http_open_connections", "plano_records_dropped_total"),
    *("plano_traces_dropped_total", "process_resident_memory_bytes", "plano_workers", "plano_llm_breaker_state"),
}
"""Live numbers, which the server adds."""


def test_every_name_is_counted() -> None:
    """No panel asks for a family that there is not."""
    counted = {family.name for family in Metrics(version="1").families} | OTHERS
    for panel in PANELS:
        for query, _ in panel.queries:
            for name in re.findall(r"\b(?:plano|process)_\w+", query):
                assert name.removesuffix("_bucket") in counted, (panel.title, name)


def test_it_is_a_dashboard() -> None:
    """Ids and places of panels are their own; every query knows its data source."""
    shown = json.loads(dashboard())
    panels = shown["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) == len(PANELS)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    for panel in panels:
        assert [target["refId"] for target in panel["targets"]] == ["A", "B"][: len(panel["targets"])]
        assert all(target["datasource"]["uid"] == "${DS}" for target in panel["targets"])
