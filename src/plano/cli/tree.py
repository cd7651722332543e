"""One request in a terminal: where its time went, what was considered, how each attempt ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from plano.cli.amounts import count, seconds, size, usd
from plano.cli.cells import cells, clipped, padded
from plano.observe.visible import visible

LANE = 32
LONGEST = 120

_OWN = {"parse": "reading", "route": "router", "rank": "ranking"}

Record = Mapping[str, Any]


def cut(text: object, longest: int = LONGEST) -> str:
    """Text from outside in one line: control marks by their numbers, what takes more cells cut."""
    shown = visible(str(text)[: longest + 1])
    return shown if cells(shown) <= longest else clipped(shown, longest - 1) + "…"


def clock(record: Record) -> str:
    """When it ended, by the local clock; with the date where that was another day."""
    moment = datetime.fromtimestamp(record["ended_at"]).astimezone()
    is_today = moment.date() == datetime.now().astimezone().date()
    return moment.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S")


def line(record: Record) -> str:
    """A request in one line."""
    decision = record.get("decision") or {}
    said = record.get("code") or decision.get("route") or ("no route" if decision else record.get("path", ""))
    ranked = (each["model"] for each in decision.get("candidates") or () if each["rank"] == 1)
    model = record.get("served_by") or next(ranked, None) or record.get("model") or ""
    used = f"{_tokens(record)}  {usd(record.get('cost_usd'))}" if "served_by" in record else ""
    columns = f"{clock(record)}  {record['status']}  {seconds(record['seconds']):>8}  {padded(cut(model, 36), 36)}"
    return f"{columns}  {padded(cut(said, 28), 28)}  {record['trace_id']}  {used}".rstrip()


def tree(record: Record) -> Iterator[str]:
    """A request in full, line by line."""
    yield f"{record['trace_id']}  {record['status']}  {seconds(record['seconds'])}  ended {clock(record)}"
    if "decision" in record:
        yield f"  {cut(record['decision']['summary'], 400)}"
    if "code" in record:
        yield f"  error {cut(record['code'])}"
    yield from _waterfall(record)
    if "served_by" in record:
        yield f"  tokens {_tokens(record)}   cost {usd(record.get('cost_usd'))}"
    if record.get("is_stream"):
        yield f"  first token {seconds(record.get('first_token_s'))}"
    yield f"  bytes {size(record.get('request_bytes', 0))} -> {size(record.get('answer_bytes', 0))}"
    for name, said in (("model", "asked for"), ("method", "method"), ("path", "path"), ("request_id", "request id")):
        if name in record:
            yield f"  {said} {cut(record[name])}"


def _waterfall(record: Record) -> Iterator[str]:
    whole = max(record["seconds"], 1e-9)
    for label, began, took, ending in _parts(record):
        if took is None:
            yield f"  {padded(label, 40)} {'-':>9}  passed over: {ending}"
            continue
        before = min(LANE - 1, int(began / whole * LANE))
        bar = "█" * max(1, min(LANE - before, round(took / whole * LANE)))
        yield f"  {padded(label, 40)} {seconds(took):>9}  {' ' * before}{bar:<{LANE - before}}  {ending}".rstrip()


def _parts(record: Record) -> Iterator[tuple[str, float, float | None, str]]:
    """Label, beginning, seconds and ending of each part, in the order of time."""
    at = record.get("arrived_s", 0.0)
    if at > 0:
        yield "arrival", 0.0, at, ""
    for stage, took in record.get("stages", {}).items():
        if stage in _OWN:
            yield _OWN[stage], at, took, ""
            at += took
    for attempt in record.get("attempts") or ():
        yield cut(attempt["model"], 40), attempt["began_s"], attempt["seconds"], attempt["ending"]
        if attempt["seconds"] is not None:
            at = attempt["began_s"] + attempt["seconds"]
    if "served_by" in record and record["seconds"] > at:
        yield "handing over", at, record["seconds"] - at, ""


def _tokens(record: Record) -> str:
    usage = record.get("usage") or {}
    shown = f"{count(usage.get('input_tokens'))} -> {count(usage.get('output_tokens'))}"
    return f"~ {shown}" if usage.get("is_estimated") else shown
