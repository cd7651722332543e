"""``plano route``: which route a text takes, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plano.assembly import Decider, trace_of, wishes
from plano.cli.settings import fail, read_or_invent
from plano.domain.decision import Decision
from plano.errors import PlanoError
from plano.wire import decision as decision_wire
from plano.wire import json_guard


@click.command("route")
@click.argument("text")
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="Configuration; default plano.yaml.")
@click.option("--model", default="auto", show_default=True, help="The request's own model, used when no route matches.")
@click.option("--prefs", type=click.File("rb"), help="JSON list of routes that replaces the configured one.")
@click.option("--messages", type=click.File("rb"), help="JSON list of earlier messages; TEXT is the last user turn.")
@click.option("--json", "as_json", is_flag=True, help="The decision as JSON on stdout.")
@click.option("--explain", is_flag=True, help="With --json: scores, candidates and reasons.")
def command(text: str, file: Path | None, model: str, prefs: Any, messages: Any, as_json: bool, explain: bool) -> None:
    """Print which route TEXT takes, the scores, and the ranked models. Calls no model."""
    settings = read_or_invent(file)
    decider = Decider.build(settings)
    if model == "auto" and settings.models.default is None:
        model = next(iter(settings.models.models), "auto")
    trace_id = trace_of(None).trace_id
    try:
        body = _body(text, model, prefs, messages)
        decision = decider.decide(decider.parse(body), wishes(trace_id, {}))
    except PlanoError as error:
        fail(error.message)
    if as_json:
        click.echo(decision_wire.render(decision, explain=explain).decode())
    else:
        _print(decision)


def _body(text: str, model: str, prefs: Any, messages: Any) -> bytes:
    earlier = json_guard.loads(messages.read()) if messages else []
    request: dict[str, Any] = {"model": model, "messages": [*earlier, {"role": "user", "content": text}]}
    if prefs:
        request["routing_preferences"] = json_guard.loads(prefs.read())
    return json_guard.dumps(request)


def _print(decision: Decision) -> None:
    intent = decision.intent
    best = max((score for _, score in intent.scores), default=None)
    numbers = "" if intent.said_by is not None else _numbers(best, intent.threshold, intent.margin)
    click.echo(f"route   {decision.route or 'none'}{numbers}")
    if intent.router == "degraded" or intent.asked is not None or intent.escalation is not None:
        click.echo(f"        {decision_wire.why_routed(decision)}")
    for name, score in sorted(intent.scores, key=lambda row: -row[1]):
        bar = "█" * round(score * 20)
        click.echo(f"        {score:6.3f}  {bar:<20}  {name}")
    click.echo(f"models  {', '.join(decision.models)}")
    click.echo(f"why     {decision_wire.why_ranked(decision)}")
    for candidate in decision.candidates:
        if candidate.reason is not None:
            click.echo(f"        {candidate.model.name}: {candidate.reason}")


def _numbers(best: float | None, threshold: float | None, margin: float | None) -> str:
    if best is None or threshold is None:
        return ""
    shown = f"   score {best:.3f}   threshold {threshold:.3f}"
    return shown if margin is None else f"{shown}   margin {margin:.3f}"
