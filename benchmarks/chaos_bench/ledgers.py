"""Comparing the three ledgers, request by request."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos_bench.traffic import Asked
from plano.mock.ledger import Entry
from plano.mock.said import answer

SKIPPED = frozenset({"held", "ejected", "budget", "window", "unfit", "deadline"})
UNSENT = frozenset({"connect", "connect_timeout", "busy"})
STALE = frozenset({"reset", "hang-up"})

UNCOUNTED = frozenset({"cut-at-end"})
"""Streams of chat completions that end before the event with their usage: unknown then, or estimated, never 0."""


@dataclass
class Findings:
    """How often each thing was off, with the first few cases; and how often each outcome was seen."""

    off: Counter[str] = field(default_factory=Counter)
    cases: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    outcomes: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    tokens: int = 0

    def add(self, what: str, asked: Asked, detail: object) -> None:
        """One more."""
        self.off[what] += 1
        if len(self.cases[what]) < 5:
            self.cases[what].append(f"{asked.trace_id} {asked.api} stream={asked.is_stream}: {detail}")


def reconciled(asked: Sequence[Asked], lines: Iterable[dict[str, Any]], entries: Iterable[Entry]) -> Findings:
    """What the three ledgers disagree about."""
    found = Findings()
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        if line["event"] == "bug":
            found.off["bugs"] += 1
            found.cases["bugs"].append(json.dumps(line))
        else:
            rows[line["trace_id"]].append(line)
    served: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        served[entry.trace_id].append(entry)
        found.attempts += 1
    for one in asked:
        _one(one, rows.pop(one.trace_id, []), served.pop(one.trace_id, []), found)
    found.off["rows of nobody"] += len(rows)
    found.off["attempts of nobody"] += len(served)
    return found


def _one(asked: Asked, rows: list[dict[str, Any]], served: list[Entry], found: Findings) -> None:
    if len(rows) != 1:
        if rows or asked.got is not None or served:
            found.add("lost" if not rows else "duplicated", asked, f"{len(rows)} rows, {len(served)} attempts")
        return
    (row,) = rows
    found.outcomes[f"{row['status']} {row.get('code') or ('whole' if row['status'] == 200 else 'passed on')}"] += 1
    _same_attempts(row, served, asked, found)
    if asked.got is None:
        return
    _same_outcome(asked, row, found)
    _same_text(asked, served, found)
    _same_tokens(asked, row, served, found)


def _same_outcome(asked: Asked, row: dict[str, Any], found: Findings) -> None:
    assert asked.got is not None
    story = asked.story
    assert story is not None
    if not asked.got.is_whole:
        found.add("answers whose body is cut", asked, row)
    if row["status"] != asked.got.status:
        found.add("statuses", asked, (row["status"], asked.got.status))
    is_whole = story.terminals == 1 and not story.errors
    if asked.got.status == 200 and is_whole != (row.get("code") is None):
        found.add("outcomes", asked, (row.get("code"), story))
    if story.terminals > 1 or (story.terminals and story.errors) or len(story.errors) > 1:
        found.add("two ends", asked, story)
    if not story.terminals and not story.errors:
        found.add("no end", asked, story)
    if row.get("attempts", "") != asked.got.fields.get("x-plano-attempts", ""):
        found.add("accounts of attempts", asked, row)


def _same_attempts(row: dict[str, Any], served: list[Entry], asked: Asked, found: Findings) -> None:
    """Every attempt stands in the row, in its order; the one that a leaving caller ended may not have arrived."""
    account = [each.rpartition("=") for each in row.get("attempts", "").split(", ") if each]
    reached = _reached(account, served)
    names = [entry.model for entry in sorted(served, key=lambda entry: entry.number)]
    possible = _possible(served)
    if account and account[-1][2] == "client_closed":
        possible += [[*each, account[-1][0].replace("/", "-")] for each in possible]
    if not any(each in possible for each in reached):
        found.add("attempts", asked, (row.get("attempts"), names))


def _reached(account: list[tuple[str, str, str]], served: list[Entry]) -> list[list[str]]:
    """The models that may have been sent the request, by the row.

    An attempt that could not connect may have begun on a kept connection that was closed before any answer.
    """
    stale = {entry.model for entry in served if entry.word in STALE}
    accounts: list[list[str]] = [[]]
    for name, _, ending in account:
        model = name.replace("/", "-")
        if ending not in SKIPPED | UNSENT:
            accounts = [[*each, model] for each in accounts]
        elif ending in UNSENT and model in stale:
            accounts += [[*each, model] for each in accounts]
    return accounts


def _possible(served: list[Entry]) -> list[list[str]]:
    """The accounts that may be made of what was served.

    A kept connection that is closed before any byte of the answer may have been stale: the same attempt goes on anew.
    """
    in_order = sorted(served, key=lambda entry: entry.number)
    accounts: list[list[str]] = [[]]
    for place, entry in enumerate(in_order):
        following = in_order[place + 1].model if place + 1 < len(in_order) else None
        may_be_stale = entry.word in STALE and following == entry.model
        accounts = [[*each, entry.model] for each in accounts] + (accounts if may_be_stale else [])
    return accounts


def _same_text(asked: Asked, served: list[Entry], found: Findings) -> None:
    """What was delivered is a beginning of what one attempt said; of a whole answer it is all of it."""
    story = asked.story
    assert story is not None
    if not story.text:
        return
    texts = [_said(entry) for entry in served]
    is_whole = story.terminals == 1 and not story.errors
    if not any(text == story.text if is_whole else text.startswith(story.text) for text in texts):
        found.add("texts", asked, (story.text, texts))


def _said(entry: Entry) -> str:
    prompt = f"{entry.mark} say something of some ten words please"
    request = {"model": entry.model, "messages": [{"role": "user", "content": prompt}]}
    return answer(request, b"", attempt=entry.number).text


def _same_tokens(asked: Asked, row: dict[str, Any], served: list[Entry], found: Findings) -> None:
    story = asked.story
    assert story is not None
    if story.terminals != 1 or story.errors:
        return
    last = max(served, key=lambda entry: entry.number)
    found.tokens += last.tokens
    if last.word in UNCOUNTED and (row.get("output_tokens") is None or row.get("is_estimated")):
        return
    if row.get("output_tokens") != last.tokens or row.get("input_tokens") != last.prompt_tokens:
        what = "tokens unknown" if row.get("output_tokens") is None else "tokens"
        found.add(what, asked, (row.get("input_tokens"), row.get("output_tokens"), last))
