"""The dashboard for Grafana, with the names of ``plano.observe.metrics``: one row of the table for each panel.

Form: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3
_RATE = "[$__rate_interval]"
_PROCESS = "and on (instance, job) plano_build_info"
"""Of the gateway's processes: every exporter has families of these names."""

_BREAKER = ("closed", "probation", "ejected")
_LEAST_TOP: Final = {"reqps": 0.1, "short": 1.0, "percentunit": 0.01, "currencyUSD": 0.01, "s": 0.001, "bytes": 1e6}
"""How high the axis of each unit reaches at least: of a line at 0, Grafana would make one to 100."""


class Panel(msgspec.Struct, frozen=True):
    """One panel. ``unit``: as Grafana names it. ``queries``: (PromQL, legend). ``states``: what 0, 1, … stand for."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    said: str = ""
    states: tuple[str, ...] = ()


def _rate(name: str, by: str = "") -> str:
    labels = f" by ({by})" if by else ""
    return f"sum{labels} (rate({name}{_RATE}))"


def _quantile(share: float, name: str, by: str = "") -> str:
    family, brace, matching = name.partition("{")
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({family}_bucket{brace}{matching}{_RATE})))"


def _named(query: str, label: str, name: str) -> str:
    """The query, with ``name`` where the label is empty: a legend of nothing says nothing."""
    return f'label_replace({query}, "{label}", "{name}", "{label}", "")'


PANELS: Final = (
    Panel("Requests", "reqps", ((_rate("plano_http_requests_total", "status"), "{{status}}"),)),
    Panel(
        "Errors",
        "percentunit",
        (
            (
                f"({_rate('plano_http_errors_total')} or vector(0)) / {_rate('plano_http_requests_total')}",
                "of all requests",
            ),
        ),
    ),
    Panel("Errors by code", "reqps", ((_rate("plano_http_errors_total", "code"), "{{code}}"),)),
    Panel(
        "Time to first token",
        "s",
        (
            (_quantile(0.5, "plano_llm_time_to_first_token_seconds"), "p50"),
            (_quantile(0.95, "plano_llm_time_to_first_token_seconds"), "p95"),
        ),
        "From the head of a request to the first content of its streamed answer.",
    ),
    Panel(
        "Time to first token by model, p95",
        "s",
        ((_quantile(0.95, "plano_llm_time_to_first_token_seconds", "model"), "{{model}}"),),
    ),
    Panel(
        "Attempts by model, p95",
        "s",
        ((_quantile(0.95, "plano_llm_upstream_duration_seconds", "model"), "{{model}}"),),
        "Until it was known how an attempt ended; of a stream, until its first content.",
    ),
    Panel(
        "Cost per hour",
        "currencyUSD",
        ((f"{_rate('plano_llm_cost_usd_total', 'model')} * 3600", "{{model}}"),),
        "Of the answers whose tokens and prices are known.",
    ),
    Panel("Tokens", "short", ((_rate("plano_llm_tokens_total", "kind"), "{{kind}} per second"),)),
    Panel(
        "Answers without a count of tokens",
        "reqps",
        (
            (
                _named(f"{_rate('plano_llm_tokens_usage_missing_total', 'model')} or vector(0)", "model", "none"),
                "{{model}}",
            ),
        ),
    ),
    Panel(
        "Attempts by ending",
        "reqps",
        ((_rate("plano_llm_upstream_requests_total", "model, ending"), "{{model}} {{ending}}"),),
    ),
    Panel(
        "Fallbacks",
        "reqps",
        ((_named(_rate("plano_llm_fallbacks_total", "route"), "route", "no route"), "{{route}}"),),
        "Requests that went on to another model than the first.",
    ),
    Panel(
        "Candidates passed over",
        "reqps",
        (
            (
                _named(f"{_rate('plano_llm_skipped_candidates_total', 'model, reason')} or vector(0)", "model", "none"),
                "{{model}} {{reason}}",
            ),
        ),
    ),
    Panel(
        "Decisions by route",
        "reqps",
        ((_named(_rate("plano_router_decisions_total", "route"), "route", "no route"), "{{route}}"),),
    ),
    Panel("Ranked first", "reqps", ((_rate("plano_router_selected_models_total", "model"), "{{model}}"),)),
    Panel(
        "The gateway's own time, p95",
        "s",
        ((_quantile(0.95, 'plano_stage_duration_seconds{stage=~"parse|route|rank"}', "stage"), "{{stage}}"),),
        "Reading a request, routing and ranking.",
    ),
    Panel(
        "In progress",
        "short",
        (("sum(plano_http_in_flight_requests)", "requests"), ("sum(plano_http_open_connections)", "connections")),
    ),
    Panel("Breakers", "none", (("max by (model) (plano_llm_breaker_state)", "{{model}}"),), states=_BREAKER),
    Panel("Sessions", "reqps", ((_rate("plano_session_events_total", "outcome"), "{{outcome}}"),)),
    Panel("Processes", "short", (("sum(plano_workers)", "that serve"),)),
    Panel("Memory", "bytes", ((f"process_resident_memory_bytes {_PROCESS}", "{{instance}}"),)),
    Panel(
        "Lost to observation",
        "short",
        (
            (f"sum(increase(plano_records_dropped_total{_RATE}))", "records"),
            (f"sum(increase(plano_traces_dropped_total{_RATE}))", "traces"),
        ),
        "Never an answer: what could not be kept or sent on.",
    ),
)


def dashboard() -> bytes:
    """The JSON to import; it asks for the data source."""
    return msgspec.json.encode(
        {
            "__inputs": [{"name": "DS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus"}],
            "uid": "plano",
            "title": "Plano",
            "tags": ["plano", "llm"],
            "schemaVersion": 39,
            "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"},
            "panels": [_panel(place, panel) for place, panel in enumerate(PANELS)],
        }
    )


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${DS}"}
    row, column = divmod(place, _COLUMNS)
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.said,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": _looks(panel), "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {"refId": chr(65 + number), "datasource": source, "expr": query, "legendFormat": legend}
            for number, (query, legend) in enumerate(panel.queries)
        ],
    }


def _looks(panel: Panel) -> dict[str, Any]:
    """Unit, axis and lines."""
    looks = {"unit": panel.unit, "min": 0, "color": {"mode": "palette-classic"}}
    if not panel.states:
        return {**looks, "custom": {"showPoints": "never", "axisSoftMax": _LEAST_TOP[panel.unit]}}
    names = {str(number): {"text": state, "index": number} for number, state in enumerate(panel.states)}
    highest = {"max": len(panel.states) - 1, "decimals": 0, "mappings": [{"type": "value", "options": names}]}
    return {**looks, **highest, "custom": {"showPoints": "never", "lineInterpolation": "stepAfter"}}
