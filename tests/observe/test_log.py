"""One line per event, whatever stands in it, and never a failure."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from plano.observe.clerk import LONGEST_TEXT
from plano.observe.log import LONGEST_VALUE, Log
from plano.observe.record import Record

from .samples import decision, entry, record, tried


class Terminal(StringIO):
    """A stream that says it is a terminal, and counts how often it was flushed."""

    flushed = 0

    def isatty(self) -> bool:
        """Yes."""
        return True

    def flush(self) -> None:
        """Counts."""
        self.flushed += 1


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text() | st.integers(-(2**63), 2**63 - 1) | st.none()))
def test_a_line_is_json_and_one_line(members: dict[str, str | int | None]) -> None:
    """Any values make one line of JSON with the members given; what can be shown reads back, the rest is escaped."""
    stream = StringIO()
    Log(stream).line("happened", **members)
    (line,) = stream.getvalue().splitlines()
    read = json.loads(line)
    assert list(read) == ["event", *(name for name, value in members.items() if value is not None)]
    assert all(
        read[name] == value for name, value in members.items() if not isinstance(value, str) and value is not None
    )
    assert all(read[name] == value for name, value in members.items() if isinstance(value, str) and value.isprintable())
    assert line.isprintable()


@given(st.text())
def test_a_line_on_a_terminal_is_one_line(text: str) -> None:
    """Line ends and escapes in a value do not make a second line."""
    stream = Terminal()
    Log(stream).line("happened", said=text, ms=1.25)
    shown = stream.getvalue()
    assert shown.startswith("happened said=")
    assert shown.count("\n") == 1
    assert "\x1b" not in shown
    assert "\r" not in shown


def test_terminal_shows_plain_words_plainly() -> None:
    """Words as they are, anything with a space quoted, one decimal; flushed at once."""
    stream = Terminal()
    Log(stream).line("request", path="/v1/x", said="two words", ms=12.345, none=None)
    assert stream.getvalue() == 'request path=/v1/x said="two words" ms=12.3\n'
    assert stream.flushed == 1


def test_a_closed_stream_fails_nobody() -> None:
    """Writing and flushing to a stream that is gone is silent."""
    stream = StringIO()
    log = Log(stream)
    stream.close()
    log.line("request")
    log.flush()


@pytest.mark.parametrize("error", [OSError("disk full"), BrokenPipeError(), UnicodeEncodeError("ascii", "é", 0, 1, "")])
def test_a_stream_that_cannot_be_written(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a gone reader is silent."""
    stream = StringIO()

    def fail(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr(stream, "write", fail)
    monkeypatch.setattr(stream, "flush", fail)
    Log(stream).line("request")
    Log(stream).flush()


def test_nobody_listens() -> None:
    """Without a stream nothing is written."""
    Log(None).line("request")
    Log(None).requests([entry(Record("0" * 32, 200, 0.1))])
    Log(None).flush()


def test_one_line_for_each_record() -> None:
    """What a record holds, in order; what it does not know is left out."""
    stream = StringIO()
    Log(stream).requests([entry(Record("a", 200, 0.0123, path="/x")), entry(Record("b", 404, 0.001, code="not_found"))])
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert first == {"event": "request", "trace_id": "a", "path": "/x", "status": 200, "ms": 12.3}
    assert second == {"event": "request", "trace_id": "b", "status": 404, "code": "not_found", "ms": 1.0}


def test_what_a_translation_lost() -> None:
    """Every part of it, in one member."""
    stream = StringIO()
    Log(stream).requests([entry(Record("a", 200, 0.0123, warnings=("top_k: dropped", "seed: dropped")))])
    assert json.loads(stream.getvalue())["warnings"] == "top_k: dropped; seed: dropped"


@given(st.text(max_size=300), st.text(max_size=300))
@example("/\x7f", "\u202e")
@example("/plain", "\x7f")
def test_a_request_is_one_line_that_can_be_shown(path: str, model: str) -> None:
    """Whatever a caller puts into a path or a name: one line of JSON, and what can be shown reads back."""
    stream = StringIO()
    Log(stream).requests([entry(replace(Record("a", 200, 0.0123, path=path), model=model))])
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()
    read = json.loads(line)
    assert list(read) == ["event", "trace_id", "path", "status", "model", "ms"]
    for given_text, shown in ((path, read["path"]), (model, read["model"])):
        if given_text.isprintable() and len(given_text) <= LONGEST_TEXT:
            assert shown == given_text


def test_a_request_line_is_cut() -> None:
    """No member is longer than the limit, however many attempts there were."""
    stream = StringIO()
    many = tried(*[(f"model-{number}", "500") for number in range(1_000)])
    Log(stream).requests([entry(record(decision("a"), many))])
    assert len(json.loads(stream.getvalue())["attempts"]) == LONGEST_VALUE


def test_a_bug_names_the_place_and_no_values() -> None:
    """Function and line of the defect; neither its message nor what was being handled."""
    stream = StringIO()

    def handle(prompt: str) -> None:
        raise ValueError(f"cannot handle {prompt}")

    try:
        handle("my secret prompt")
    except ValueError as bug:
        Log(stream).bug("t1", bug)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["trace_id"], line["error"]) == ("bug", "t1", "ValueError")
    assert line["at"].startswith("handle:")
    assert "secret" not in stream.getvalue()
