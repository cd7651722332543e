"""What is said beside the log: sentences for people, documents for programs."""

from __future__ import annotations

import json
import sys

import pytest

from plano.cli import talk
from plano.config.findings import Finding

FINDING = Finding("PL-C022", "warning", "plano.yaml", 4, 12, "a 'mock'\nanswers", "set its key")


def test_documents_where_no_terminal_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each on stderr, whatever the text holds; nothing on stdout."""
    talk.note('no file: serving "a"\nby your keys')
    talk.warn([FINDING, FINDING])
    said = capsys.readouterr()
    first, *others = [json.loads(line) for line in said.err.splitlines()]
    assert first == {"event": "note", "text": 'no file: serving "a"\nby your keys'}
    assert others == [{"event": "warning", **FINDING.as_json()}] * 2
    assert said.out == ""


def test_sentences_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are, findings with their excerpt."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    talk.note("no file")
    talk.warn([FINDING])
    said = capsys.readouterr().err
    assert said.startswith("no file\nwarning[PL-C022]: ")
    assert "help: set its key" in said


def test_one_line_of_json() -> None:
    """Its end is left to whoever writes it."""
    assert talk.json_line({"a": ["\n", 1]}) == '{"a":["\\n",1]}'


@pytest.mark.parametrize("text", ["\u202e\x7f\u200b", "\x1b[31m\n", "\U000e0041", "naïve 名 🙂"])
def test_marks_that_a_terminal_might_obey(text: str) -> None:
    """Stand in a document by their numbers, in one line and in many: it is the same document, and does nothing."""
    document = {text: [text]}
    for shown in (talk.json_line(document), talk.json_lines(document)):
        assert shown.replace("\n", "").isprintable()
        assert json.loads(shown) == document
    assert "名 🙂" in talk.json_line("naïve 名 🙂")
