"""``plano explain``: why a request went to the model it went to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from plano.cli import admin
from plano.cli.amounts import count, seconds, usd
from plano.cli.cells import padded
from plano.cli.settings import fail, print_json
from plano.cli.tree import clock, cut

Record = Mapping[str, Any]

_REASONS = {
    "held": "its provider asked for patience",
    "ejected": "it failed too often, or its key was refused",
    "modality": "it does not take such input",
    "tools": "it has no tools",
    "structured_output": "it has no structured output",
    "window": "its context window is too small",
    "over_max_usd_per_mtok": "above the price ceiling of the route",
    "over_max_ttft_s": "above the latency ceiling of the route",
    "stored_elsewhere": "it does not keep what the request goes on from",
    "limit": "the caller has used up its tokens there",
    "budget": "too many attempts on models in trouble already",
    "deadline": "no time was left",
    "unfit": "its dialect has no words for the request",
}
"""Why a candidate was left out, or passed over when its turn came."""


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
    ending = f"{record['status']} {cut(record.get('code', ''))}".rstrip()
    yield f"trace   {record['trace_id']}   {ending} after {seconds(record['seconds'])}, ended {clock(record)}"
    yield f"route   {_route(decision)}"
    yield f"why     {cut(decision['decided'])}"
    for name, score in sorted(decision["scores"].items(), key=lambda row: -float(row[1])):
        yield f"        {score:6.3f}  {'█' * round(score * 20):<20}  {cut(name)}"
    yield f"text    {decision['text_characters']:,} characters, {decision['text_hash']}"
    if "text" in decision:
        yield f"        {cut(decision['text'])}"
    yield from _session(decision.get("session"))
    yield f"order   {decision['ranking']}"
    yield f"rank    {'model':<44} {'$/Mtok':>9} {'first token':>12} {'$/request':>11} {'answer':>9}"
    for each in decision["candidates"]:
        yield _candidate(each)
    yield from _account(record)


def _route(decision: Mapping[str, Any]) -> str:
    """Its name, and what the best score is compared with where a score was what counted."""
    route, threshold, margin = decision["route"], decision["threshold"], decision["margin"]
    if threshold is None or (decision.get("asked") or {}).get("ending") == "answered":
        return cut(route or "none")
    if route is None:
        return f"none: no score reached the threshold of {_score(threshold)}"
    shown = f"{cut(route)}   threshold {_score(threshold)}"
    return shown if margin is None else f"{shown}   margin {_score(margin)}"


def _session(session: Mapping[str, Any] | None) -> Iterator[str]:
    """What the request's session had to say, and which model its budget has kept away."""
    if session is None:
        return
    if session["bound_to"] is None:
        yield "session new, or too long ago: it had no model"
        return
    kept = f"; {count(session['cached_tokens'])} tokens in its provider's cache" if session["cached_tokens"] else ""
    yield f"session was with {cut(session['bound_to'])}, {seconds(session['idle_s'])} before{kept}"
    switch = session.get("switch")
    if switch is not None:
        route = "" if switch["route"] is None else f" ({cut(switch['route'])})"
        costs = f"{usd(switch['cost_usd'])} more, of at most {usd(switch['ceiling_usd'])} for all of its switches"
        yield f"        the router chose {cut(switch['wanted'])}{route}: {costs}"


def _candidate(each: Mapping[str, Any]) -> str:
    price, latency = each["price_usd_per_mtok"] or {}, each["latency_s"] or {}
    rank = "-" if each["rank"] is None else each["rank"]
    expected = each.get("expected") or {}
    numbers = (
        f"{usd(price.get('value')):>9} {seconds(latency.get('value')):>12} "
        f"{usd(expected.get('usd')):>11} {seconds(expected.get('seconds')):>9}"
    )
    reason = "" if each["reason"] is None else f"   {_REASONS.get(each['reason'], each['reason'])}"
    wait = f"; free in {seconds(each['free_in_s'])}" if each["free_in_s"] > 0 else ""
    return f"{rank!s:>4}    {padded(cut(each['model'], 44), 44)} {numbers}{reason}{wait}"


def _account(record: Record) -> Iterator[str]:
    """How each attempt ended, and who answered; an answer that its caller did not get whole is said to be none."""
    for place, each in enumerate(record.get("attempts") or (), 1):
        ending, took = each["ending"], each["seconds"]
        said = f"{ending} after {seconds(took)}" if took is not None else f"passed over: {_REASONS.get(ending, ending)}"
        yield f"{'tried' if place == 1 else '':<5} {place}  {padded(cut(each['model'], 44), 44)} {said}"
    if "served_by" in record:
        broken = f", broken off: {cut(record['code'])}" if "code" in record else ""
        yield f"answer  {cut(record['served_by'])}   cost {usd(record.get('cost_usd'))}{broken}"
    for line in record.get("warnings") or ():
        yield f"lost    {cut(line)}"


def _score(number: float | None) -> str:
    return "?" if number is None else f"{number:.3f}"


def _nothing(found: Sequence[Record], trace_id: str | None) -> str:
    """Why there is nothing to explain."""
    if trace_id is None:
        return "no decision was made yet"
    if not found:
        return f"no request {trace_id} is kept"
    newest = found[0]
    if newest.get("is_shortened"):
        return f"request {trace_id} was too large to be kept with its decision"
    if newest["status"] < 400 and "code" not in newest:
        return f"request {trace_id} needed no decision: {cut(newest.get('method'))} {cut(newest.get('path'))}"
    return f"request {trace_id} ended before anything was decided: {cut(newest.get('code', newest['status']))}"
