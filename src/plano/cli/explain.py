"""``plano explain``: why a request went to the model it went to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from plano.cli import admin
from plano.cli.amounts import seconds, usd
from plano.cli.settings import fail, print_json
from plano.cli.tree import clock, cut

Record = Mapping[str, Any]

_REASONS = {
    "stored_elsewhere": "does not keep the response that the request goes on from",
    "held": "asked for patience",
    "ejected": "failed too often",
    "modality": "does not take such input",
    "tools": "has no tools",
    "structured_output": "has no structured output",
    "window": "its context window is too small",
    "over_max_usd_per_mtok": "above the price ceiling of the route",
    "over_max_ttft_s": "above the latency ceiling of the route",
}

_ESCALATIONS = {
    "not_needed": "the built-in router was sure",
    "asked": "the built-in router was unsure, and the router model was asked",
    "held_back": "the built-in router was unsure, and the router model is not asked for a while",
    "over_share": "the built-in router was unsure; enough decisions have gone to the router model",
}

_ORDERS = {
    "none": "the order of the route's author",
    "cheapest": "the lowest price first",
    "fastest": "the shortest time to the first token first",
    "balanced": "price and time to the first token, weighted",
}


@click.command("explain")
@click.argument("trace_id", metavar="[TRACE]", required=False)
@click.option("--last", is_flag=True, help="The latest request that was decided.")
@click.option("--json", "as_json", is_flag=True, help="The whole record as JSON.")
@admin.option
def command(trace_id: str | None, last: bool, as_json: bool, url: str) -> None:
    """Say why the request with the id TRACE went to the model it went to."""
    if (trace_id is None) == (not last):
        raise click.UsageError("name the TRACE of a request, or say --last")
    gateway = admin.Admin(url)
    found = gateway.trace(trace_id) if trace_id is not None else gateway.records(1000)
    decided = next((record for record in found if "decision" in record), None)
    if decided is None:
        fail(_nothing(found, trace_id))
    if as_json:
        print_json(decided)
        return
    for line in explained(decided):
        click.echo(line)


def explained(record: Record) -> Iterator[str]:
    """A decision and what came of it, line by line."""
    decision = record["decision"]
    yield f"trace   {record['trace_id']}   {record['status']} after {seconds(record['seconds'])}, ended {clock(record)}"
    yield f"route   {_route(decision)}"
    for name, score in sorted(decision["scores"].items(), key=lambda row: -float(row[1])):
        yield f"        {score:6.3f}  {'█' * round(score * 20):<20}  {cut(name)}"
    if "escalation" in decision:
        yield f"cascade {_ESCALATIONS.get(decision['escalation'], decision['escalation'])}"
    yield f"text    {decision['text_characters']:,} characters, {decision['text_hash']}"
    if "text" in decision:
        yield f"        {cut(decision['text'])}"
    yield f"order   {_order(decision)}"
    yield from _last_resort(decision)
    yield f"rank    {'model':<44} {'$/Mtok':>9} {'first token':>12} {'$/request':>11} {'answer':>9}"
    for each in decision["candidates"]:
        yield _candidate(each)
    yield from _account(record)


def _route(decision: Mapping[str, Any]) -> str:
    route = decision["route"]
    if (decision.get("session") or {}).get("is_pinned"):
        return f"{cut(route or 'none')}: that of its session, the router was not asked"
    asked = decision.get("asked") or {}
    if decision["router"] == "degraded":
        said = f"the router gave no usable answer ({decision.get('trouble', 'late, overloaded or broken')})"
        if route is None:
            return f"none: {said}, so the request's own model was used"
        return f"{cut(route)}   {said}, so the built-in router decided, which was unsure"
    if decision["router"] == "skipped":
        return "none: the router was not asked, so the request's own model was used"
    if asked.get("ending") == "answered":
        return f"{cut(route or 'none')}   said by {cut(asked['model'])} in {seconds(asked['seconds'])}"
    if route is None:
        return f"none: no score reached the threshold of {_score(decision['threshold'])}"
    margin = decision["margin"]
    shown = f"{cut(route)}   threshold {_score(decision['threshold'])}"
    return shown if margin is None else f"{shown}   margin {_score(margin)}"


def _order(decision: Mapping[str, Any]) -> str:
    if any(each["reason"] == "stored_elsewhere" for each in decision["candidates"]):
        return "the request goes on from a response that only the provider of the ranked models keeps"
    if decision["route"] is None:
        return "the request's own model is the only candidate"
    if (decision.get("session") or {}).get("is_pinned"):
        return "the session stays with the first"
    return _ORDERS.get(decision["prefer"], str(decision["prefer"]))


def _last_resort(decision: Mapping[str, Any]) -> Iterator[str]:
    """What else put the candidates in their order: nobody could be chosen freely, or one is measured again."""
    lift = decision.get("lift")
    if lift is not None:
        yield f"        nobody could be chosen freely, most of them because: {_REASONS.get(lift, lift)}"
    if decision.get("is_exploration"):
        yield "        the first one was tried to measure it again"


def _candidate(each: Mapping[str, Any]) -> str:
    price, latency = each["price_usd_per_mtok"] or {}, each["latency_s"] or {}
    rank = "-" if each["rank"] is None else each["rank"]
    expected = each.get("expected") or {}
    numbers = (
        f"{usd(price.get('value')):>9} {seconds(latency.get('value')):>12} "
        f"{usd(expected.get('usd')):>11} {seconds(expected.get('seconds')):>9}"
    )
    reason = "" if each["reason"] is None else f"   {_REASONS.get(each['reason'], each['reason'])}"
    wait = f" for {seconds(each['free_in_s'])}" if each["free_in_s"] > 0 else ""
    return f"{rank!s:>4}    {cut(each['model'], 44):<44} {numbers}{reason}{wait}"


def _account(record: Record) -> Iterator[str]:
    for place, each in enumerate(record.get("attempts") or (), 1):
        took = "passed over" if each["seconds"] is None else f"after {seconds(each['seconds'])}"
        yield f"{'tried' if place == 1 else '':<5} {place}  {cut(each['model'], 44):<44} {each['ending']} {took}"
    if "served_by" in record:
        yield f"answer  {cut(record['served_by'])}   cost {usd(record.get('cost_usd'))}"
    for line in record.get("warnings") or ():
        yield f"lost    {cut(line)}"


def _score(number: float | None) -> str:
    return "?" if number is None else f"{number:.3f}"


def _nothing(found: list[dict[str, Any]], trace_id: str | None) -> str:
    if trace_id is None:
        return "no decision was made yet"
    if found:
        return f"request {trace_id} ended before anything was decided: {found[0].get('code', found[0]['status'])}"
    return f"no request {trace_id} is kept"
