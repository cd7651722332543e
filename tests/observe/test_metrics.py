"""What is counted, and that nothing a caller sends can grow it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plano.domain.attempt import NoAnswer, Skipped
from plano.observe.alike import alike
from plano.observe.exposition import Live
from plano.observe.metrics import Metrics
from plano.observe.record import Record
from plano.server.endpoints import PATHS

from .oracle import number_of, read, total, types
from .samples import decision, entry, record, tried
from .test_visible import ANY_TEXT

CHAT = "/v1/chat/completions"
MAX_SERIES = 10_000


def counted(*records: Record, routes: tuple[str, ...] = (), models: tuple[str, ...] = ()) -> bytes:
    """The scrape after these records."""
    metrics = Metrics(version="1.2.3", paths=tuple(PATHS), routes=routes, models=models)
    metrics.take(alike([entry(each) for each in records]))
    return metrics.render()


@pytest.mark.parametrize(
    ("made", "name", "labels", "expected"),
    [
        (record(), "plano_http_requests_total", {"path": CHAT, "status": "200"}, 1),
        (record(path=None, status=400), "plano_http_requests_total", {"path": "other", "status": "400"}, 1),
        (record(path="/x", status=404), "plano_http_requests_total", {"path": "other", "status": "404"}, 1),
        (record(), "plano_http_request_duration_seconds_sum", {"path": CHAT}, 0.5),
        (record(), "plano_http_request_duration_seconds_bucket", {"path": CHAT, "le": "0.25"}, 0),
        (record(), "plano_http_request_duration_seconds_bucket", {"path": CHAT, "le": "0.5"}, 1),
        (record(code="not_found"), "plano_http_errors_total", {"code": "not_found"}, 1),
        (record(), "plano_stage_duration_seconds_sum", {"stage": "route"}, 0.003),
        (
            record(decision("a", "b")),
            "plano_router_decisions_total",
            {"route": "code", "router": "ok", "fallback": "false"},
            1,
        ),
        (
            record(decision("a", route=None, router="degraded")),
            "plano_router_decisions_total",
            {"route": "", "router": "degraded", "fallback": "true"},
            1,
        ),
        (record(decision("a", "b")), "plano_router_selected_models_total", {"model": "a"}, 1),
        (record(decision("a", "b")), "plano_router_selected_models_total", {"model": "b"}, None),
        (
            record(decision("a", "b"), tried(("a", "429"), ("b", "200"))),
            "plano_llm_upstream_requests_total",
            {"model": "a", "ending": "429"},
            1,
        ),
        (
            record(decision("a", "b"), tried(("a", "timeout"), ("b", "200"))),
            "plano_llm_upstream_requests_total",
            {"model": "a", "ending": "timeout"},
            1,
        ),
        (
            record(decision("a", "b"), tried(("a", "held"), ("b", "200"))),
            "plano_llm_skipped_candidates_total",
            {"model": "a", "reason": "held"},
            1,
        ),
        (
            record(decision("a", "b"), tried(("a", "held"), ("b", "200"))),
            "plano_llm_upstream_requests_total",
            {"model": "a", "ending": "held"},
            None,
        ),
        (
            record(decision("a", "b"), tried(("a", "500"), ("b", "200"))),
            "plano_llm_fallbacks_total",
            {"route": "code"},
            1,
        ),
        (
            record(decision("a", "b"), tried(("a", "500"), ("a", "200"))),
            "plano_llm_fallbacks_total",
            {"route": "code"},
            None,
        ),
        (record(decision("a", "b")), "plano_llm_fallbacks_total", {"route": "code"}, None),
    ],
)
def test_what_a_record_counts(made: Record, name: str, labels: dict[str, str], expected: float | None) -> None:
    """Each fact of a record is one series of one family; None: no such series."""
    assert number_of(counted(made), name, **labels) == expected


def test_batches_add_up() -> None:
    """What is taken in two batches is what is taken in one."""
    records = [record(decision("a"), tried(("a", "200"))) for _ in range(5)]
    metrics = Metrics(version="1.2.3", paths=tuple(PATHS))
    metrics.take(alike([entry(each) for each in records[:2]]))
    metrics.take(alike([entry(each) for each in records[2:]]))
    assert metrics.render() == counted(*records)


def test_the_build_and_live_numbers() -> None:
    """The version is a label; live numbers are read at the scrape."""
    at_scrape = [1]
    metrics = Metrics(version="1.2.3", live=(Live("plano_x", "X.", lambda: at_scrape[0]),))
    at_scrape[0] = 7
    assert number_of(metrics.render(), "plano_build_info", version="1.2.3") == 1
    assert number_of(metrics.render(), "plano_x") == 7


def test_names_and_units() -> None:
    """Counters end in ``_total``, histograms in their unit, and every name in the family's own prefix."""
    for name, kind in types(counted(record(decision("a"), tried(("a", "200")), code="x"))).items():
        assert name.startswith("plano_")
        assert kind != "histogram" or name.endswith("_seconds")
    for family in Metrics(version="1").families:
        assert "\n" not in family.said


def test_declared_names_come_first() -> None:
    """A thousand routes and models of callers take no place from the declared ones; the rest is one series."""
    flood = [record(decision(f"openai/{number}", route=f"inline {number}")) for number in range(1000)]
    scrape = counted(*flood, record(decision("m", route="r")), routes=("r",), models=("m",))
    assert number_of(scrape, "plano_router_decisions_total", route="r", router="ok", fallback="false") == 1
    assert number_of(scrape, "plano_router_selected_models_total", model="m") == 1
    assert number_of(scrape, "plano_router_decisions_total", route="other", router="ok", fallback="false") == 1000 - 127
    assert total(read(scrape), "plano_router_selected_models_total") == 1001


@pytest.mark.parametrize("ending", [*get_args(NoAnswer), "client_closed", "internal_error", "outpaced", "200", "529"])
def test_every_ending_of_our_own_is_told_apart(ending: str) -> None:
    """None of them is among the rest (529, overloaded, once was: there was one place too few)."""
    scrape = counted(record(decision("m"), tried(("m", ending))), models=("m",))
    assert number_of(scrape, "plano_llm_upstream_requests_total", model="m", ending=ending) == 1


SKIPPED = get_args(Skipped)


def test_series_are_bounded() -> None:
    """Known and odd names of everything, in every combination that counts, stay below the bound; nothing is lost."""
    odd = [f"odd {number}" for number in range(150)]
    known = (200, 400, 401, 402, 403, 404, 405, 408, 413, 414, 415, 417, 422, 429, 431, 500, 502, 503, 504, 529)
    endings = [*get_args(NoAnswer), "client_closed", *map(str, known), *odd[:20]]
    paths, stages = [*PATHS, "/odd"], ["parse", "route", "rank", "connect", "ttft", *odd]
    records = [
        record(
            decision(model, route=odd[(place + number) % 150], router=("ok", "degraded", "skipped")[number % 3]),
            tried((model, ending), (model, SKIPPED[number % len(SKIPPED)]), (odd[number], "200")),
            status=(*known, 418, 599)[place % 22],
            code=odd[place],
            path=paths[number % len(paths)],
            stages=((stages[place], 0.1),),
        )
        for place, model in enumerate(odd)
        for number, ending in enumerate(endings)
    ]
    for names in ((), tuple(f"declared {number}" for number in range(300))):
        found = read(counted(*records, routes=names, models=names))
        assert len(found) <= MAX_SERIES
        assert total(found, "plano_llm_upstream_requests_total") == 2 * len(records)
        assert total(found, "plano_llm_skipped_candidates_total") == len(records)


ENDINGS = st.sampled_from(["200", "429", "timeout", "held", "deadline", "client_closed"]) | ANY_TEXT


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            record,
            st.none() | st.builds(decision, ANY_TEXT, route=st.none() | ANY_TEXT),
            st.none() | st.builds(tried, st.tuples(ANY_TEXT, ENDINGS)),
            status=st.integers(100, 999),
            code=st.none() | ANY_TEXT,
            path=st.none() | ANY_TEXT,
            stages=st.lists(st.tuples(ANY_TEXT, st.floats(0, 1e6)), max_size=3),
        ),
        max_size=20,
    )
)
def test_no_string_breaks_the_scrape(records: list[Record]) -> None:
    """Whatever stands in records, the scrape can be read, has no series twice, and counts every request."""
    found = read(counted(*records))
    assert total(found, "plano_http_requests_total") == len(records)
    assert total(found, "plano_http_request_duration_seconds_count") == len(records)
    assert total(found, "plano_router_decisions_total") == len([each for each in records if each.decision is not None])
