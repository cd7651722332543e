"""What server, client and command line share: a decider, and the small readers around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plano import assembly
from plano.assembly import Decider, PreferenceReader, trace_of, wishes
from plano.catalog.kept import KeptPrices
from plano.clock import SystemClock
from plano.config.load import load_text
from plano.domain.catalog import Price, Rates
from plano.domain.request import Wishes
from plano.errors import InvalidPreferences, ModelNotFound
from plano.intent.fixed import FixedClassifier
from tests.running import CODE, KEYS, TRACE_ID, TRACEPARENT, A, B, C, mission_text, question

SETTINGS = load_text(mission_text(), KEYS)


def decider(default: str | None = CODE) -> tuple[Decider, FixedClassifier]:
    """A decider of the examples' configuration, and what it asks."""
    classifier = FixedClassifier(default=default)
    return Decider.build(SETTINGS, classifier=classifier), classifier


def test_a_body_is_decided_without_a_server() -> None:
    """The same members as over the wire; ``explain`` adds one."""
    one, _ = decider()
    body = json.dumps(question()).encode()
    decided = one.decide_body(body, TRACE_ID, {})
    assert decided == {"models": [A, B], "route": CODE, "trace_id": TRACE_ID}
    assert set(one.decide_body(body, TRACE_ID, {}, explain=True)) == {*decided, "explanation"}


def test_fields_count_without_a_server() -> None:
    """Routing off is read from the fields."""
    one, classifier = decider()
    decided = one.decide_body(json.dumps(question()).encode(), TRACE_ID, {"x-plano-routing": "off"})
    assert (decided["models"], decided["route"]) == ([C], None)
    assert not classifier.questions


def test_an_unknown_model_raises() -> None:
    """Errors are those of the tree."""
    one, _ = decider()
    with pytest.raises(ModelNotFound):
        one.decide_body(json.dumps(question(model="nope")).encode(), TRACE_ID, {})


def test_warming_asks_for_the_configured_routes() -> None:
    """Every configured route is encoded before the first request."""
    one, classifier = decider()
    one.warm()
    assert [route.name for route in classifier.questions[-1].routes] == [route.name for route in SETTINGS.routes.routes]


ENTRY = {"name": "n", "description": "d", "models": [B]}


def test_the_same_list_is_read_once() -> None:
    """Equal bytes give the same table, other bytes another one."""
    reader = PreferenceReader(SETTINGS.models)
    raw = json.dumps([ENTRY]).encode()
    table = reader([ENTRY], raw)
    assert reader([ENTRY], raw) is table
    assert reader([ENTRY], raw + b" ") is not table


def test_a_wrong_list_is_wrong_again() -> None:
    """Mistakes are not remembered as tables."""
    reader = PreferenceReader(SETTINGS.models)
    for _ in range(2):
        with pytest.raises(InvalidPreferences):
            reader([{}], b"[{}]")


def test_few_lists_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded in number: with one more than that all are forgotten, and read again."""
    monkeypatch.setattr(assembly, "REMEMBERED_LISTS", 2)
    reader = PreferenceReader(SETTINGS.models)
    one, two = reader([ENTRY], b"1"), reader([ENTRY], b"2")
    assert (reader.known(b"1"), reader.known(b"2")) == (one, two)
    reader([ENTRY], b"3")
    assert (reader.known(b"1"), reader.known(b"2")) == (None, None)
    assert reader([ENTRY], b"1") is not one


@pytest.mark.parametrize(
    ("value", "is_off"), [("off", True), (" OFF ", True), ("on", False), ("", False), ("0", False)]
)
def test_wishes(value: str, is_off: bool) -> None:
    """Only ``off`` switches routing off."""
    assert wishes("t", {"x-plano-routing": value}) == Wishes("t", routing_off=is_off)
    assert wishes("t", {}) == Wishes("t")


def test_traces() -> None:
    """A valid header is continued; without one each trace is new."""
    assert trace_of(TRACEPARENT).trace_id == TRACE_ID
    assert len({trace_of(header).trace_id for header in (None, None, "nonsense")}) == 3


def test_what_was_kept_of_a_source_counts_without_asking_it(tmp_path: Path) -> None:
    """A decision in the process, as of ``plano route``, knows the last good prices of a gateway's sources."""
    url = "http://127.0.0.1:9/api.json"
    KeptPrices(str(tmp_path), SystemClock.wall).write(url, {A: Price(Rates(9.0, 9.0)), B: Price(Rates(1.0, 1.0))})
    cheapest = mission_text().replace("    models:", "    selection_policy: {prefer: cheapest}\n    models:", 1)
    source = f"model_metrics_sources: [{{type: cost, provider: models.dev, url: '{url}'}}]\n"
    settings = load_text(f"{cheapest}\n{source}overrides: {{state_dir: '{tmp_path}'}}\n", KEYS)
    one = Decider.build(settings, classifier=FixedClassifier(default=CODE))
    body = json.dumps(question()).encode()
    assert one.decide_body(body, "0" * 31 + "1", {})["models"] == [B, A]
