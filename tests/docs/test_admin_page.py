"""The page about the admin listener says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from plano.observe.metrics import MAX_MODELS, MAX_ROUTES
from plano.observe.records import MAX_BYTES, MAX_RECORDS
from plano.server.admin.endpoints import DEFAULT_SHOWN, PATHS, RECORDS
from tests.running import Running

PAGE = Path("docs/reference/admin.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = PAGE.partition(heading)[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_every_metric_is_described(gateway: Running) -> None:
    """Name and description of each family stand there as a scrape says them, and no other family."""
    scrape = gateway.admin("/metrics").text
    described = {name.strip("`"): said for name, _, said in rows("## Metrics")}
    assert described == dict(re.findall(r"^# HELP (\S+) (.*)$", scrape, re.MULTILINE))


def test_every_label_is_named(gateway: Running) -> None:
    """The labels of the series of a fallback are those of the page."""
    gateway.mock.script("claude-sonnet-4-20250514", ["429"])
    gateway.chat({"model": "auto", "messages": [{"role": "user", "content": "x"}]})
    gateway.chat(b"{")
    named = {name.strip("`"): set(re.findall(r"`(\w+)`", labels)) for name, labels, _ in rows("## Metrics")}
    for name, labels in re.findall(r"^(\w+)\{(.*)\} ", gateway.admin("/metrics").text, re.MULTILINE):
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        assert set(re.findall(r'(\w+)="', labels)) - {"le"} == named[family]


def test_every_path_is_listed() -> None:
    """The paths of the page are those that are served."""
    assert {path.strip("`") for path, _ in rows("# Admin listener")} == {*PATHS, f"{RECORDS}/TRACE", "/ui/"}


def test_the_bounds_are_those_of_the_code() -> None:
    """Numbers in the prose are the constants."""
    for said in (
        f"the first {MAX_ROUTES} declared routes",
        f"the first {MAX_MODELS} declared models",
        f"from 1 to {MAX_RECORDS}, {DEFAULT_SHOWN} unless given",
        f"The last {MAX_RECORDS:,} requests are kept, in memory, at most {MAX_BYTES >> 20} MiB",
    ):
        assert said in WORDS
