"""What callers make up, in everything that shows it: one line each, cut, and nothing a terminal or parser obeys."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from plano.cli import main
from tests.observe.traces.receiver import Receiver, receiving
from tests.running import B, Running, mission_text, question, running

HOSTILE = '<script>alert(1)</script>\x1b[31m\x1b]0;t\x07\r\n# HELP forged x\nforged 1\n"}\\\u202e\u2028\x9b'
MEGABYTE = "x" * 1_000_000
LONGEST_LINE = 6_000
OBEYED = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", "\u202e"} - {"\n"}
"""Marks that a terminal, an editor or a reader of lines acts on."""


@pytest.fixture(scope="module")
def attacked() -> Iterator[tuple[Running, Receiver]]:
    """A gateway that was sent such names wherever one can be sent, and that keeps texts and header fields."""
    with receiving() as receiver:
        section = "span_attributes: {header_prefixes: [x-acme-]}"
        text = f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}', {section}}}\n"
        with running(f"{text}observability: {{record_content: true}}\n") as gateway:
            for odd in (HOSTILE, MEGABYTE):
                gateway.chat(question(model=odd))
                route = {"name": odd[:100], "description": odd[:1000], "models": [B]}
                gateway.classifier.answers = {odd: odd[:100]}
                asked = [{"role": "user", "content": odd}]
                field = odd.encode("latin-1", "replace").translate(None, b"\r\n\x07\x1b\x9b")[:4000].decode("latin-1")
                sent = {"x-request-id": field, "x-acme-team": field, "user-agent": field}
                gateway.chat(question(messages=asked, routing_preferences=[route]), sent)
                gateway.get(f"/v1/{odd.encode('ascii', 'replace').hex()[:5000]}")
            yield gateway, receiver


def test_the_log(attacked: tuple[Running, Receiver]) -> None:
    """A line is a JSON object of a bounded length."""
    gateway, _ = attacked
    gateway.admin("/admin/state")
    lines = gateway.log.getvalue().splitlines()
    assert len(lines) == 6
    assert all(json.loads(line)["event"] == "request" for line in lines)
    assert max(map(len, lines)) < LONGEST_LINE
    assert not OBEYED & {*"".join(lines)}


def test_the_metrics(attacked: tuple[Running, Receiver]) -> None:
    """They parse, nothing is forged, and no line is long."""
    gateway, _ = attacked
    scraped = gateway.admin("/metrics").text
    assert "forged" not in {family.name for family in text_string_to_metric_families(scraped)}
    assert max(map(len, scraped.splitlines())) < 1_000
    assert not OBEYED & {*scraped}


@pytest.mark.parametrize("command", [["top", "--once"], ["trace"], ["trace", "--last"], ["explain", "--last"]])
def test_the_terminal(attacked: tuple[Running, Receiver], command: list[str]) -> None:
    """Lines that can be read, and nothing that the terminal obeys."""
    gateway, _ = attacked
    shown = CliRunner().invoke(main, [*command, "--admin", f"http://127.0.0.1:{gateway.app.admin.port}"])
    assert shown.exit_code == 0
    assert not OBEYED & {*shown.stdout}
    assert max(map(len, shown.stdout.splitlines())) < 1_000


def test_records_and_spans(attacked: tuple[Running, Receiver]) -> None:
    """Bounded, whatever was sent."""
    gateway, receiver = attacked
    assert len(gateway.admin("/admin/records").content) < 200_000
    spans = receiver.spans(10)
    assert max(len(str(value)) for span in spans for value in span.attributes.values()) <= 1_024
    assert max(len(span.name) for span in spans) <= 1_024
