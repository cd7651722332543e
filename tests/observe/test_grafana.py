"""The dashboard for Grafana asks for what the gateway counts."""

from __future__ import annotations

import json
import re

from plano.observe.grafana import PANELS, dashboard
from plano.observe.metrics import Metrics

OTHERS = {
    *("plano_ready", "plano_http_in_flight_requests", "plano_http_open_connections", "plano_records_dropped_total"),
    *("plano_traces_dropped_total", "process_resident_memory_bytes", "plano_workers", "plano_llm_breaker_state"),
    "plano_session_events_total",
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


def test_an_axis_never_goes_to_a_hundred_for_nothing() -> None:
    """Of a line at 0 each axis shows a little; the states of a breaker are words, one for each step."""
    for panel in json.loads(dashboard())["panels"]:
        looks = panel["fieldConfig"]["defaults"]
        if "mappings" in looks:
            assert list(looks["mappings"][0]["options"]) == [str(step) for step in range(looks["max"] + 1)]
        else:
            assert looks["custom"]["axisSoftMax"] > 0, panel["title"]


def test_what_every_exporter_has_is_asked_of_the_gateway_alone() -> None:
    """The families that other processes have as well are joined with one that only a gateway has."""
    shared = [query for panel in PANELS for query, _ in panel.queries if re.search(r"\bprocess_", query)]
    assert shared
    assert all("on (instance, job) plano_build_info" in query for query in shared)
