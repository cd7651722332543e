"""``scripts/bench chaos [--requests N]``: a gateway under chaotic requests, and three ledgers that must agree.

Everything runs on one event loop over real sockets, in real time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

import uvloop

# The callers of the fault tests are used here as well.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chaos_bench.ledgers import Findings, reconciled
from chaos_bench.traffic import Asked, Chance, one
from tests.faults.theatre import CONFIG, SPOKEN, Router

from plano.config.load import load_text
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.mock.behaviour import Pace
from plano.mock.ledger import Ledger
from plano.mock.provider import MockProvider
from plano.observe.log import Log
from plano.server.app import App

AT_ONCE = 64
PACE = Pace(tokens_per_s=2_000.0)
MODELS: Mapping[str, str] = {
    "openai/a": "openai", "openai/b": "openai", "openai/c": "openai", "openai/d": "openai",
    "anthropic/a": "anthropic", "anthropic/b": "anthropic", "anthropic/c": "anthropic", "anthropic/d": "anthropic",
}  # fmt: skip
"""Names and kinds of provider."""


async def chaos(requests: int, seed: int) -> tuple[Findings, float]:
    """What the ledgers disagree about after so many requests, and the seconds it took."""
    mock = MockProvider(pace=PACE, ledger=Ledger(most=requests * 5))
    await mock.start()
    log, chance = StringIO(), Chance(seed)
    settings = replace(load_text(CONFIG, {}), models=_models(mock.port))
    app = App(settings, log=Log(log), classifier=Router())
    await app.start()
    places, answers = asyncio.Semaphore(AT_ONCE), []

    async def serve(number: int) -> None:
        async with places:
            mock.script(f"mark-{number:x}", chance.words(4))
            models = chance.order(tuple(MODELS))
            asked = await one(app.ports[0], number, models, chance.form(), chance.leaves_after())
            answers.append(asked)
            if asked.got is not None:
                mock.scripts.pop(asked.mark, None)

    began = time.perf_counter()
    await asyncio.gather(*[serve(number) for number in range(requests)])
    seconds = time.perf_counter() - began
    await asyncio.sleep(1.0)
    left = app._capacity.requests
    await app.stop(drain_s=1.0)
    mock.stop()
    await asyncio.sleep(0.1)
    found = _compared(answers, log, mock)
    found.off["requests in progress at the end"] += left
    return found, seconds


def _compared(answers: list[Asked], log: StringIO, mock: MockProvider) -> Findings:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return reconciled(answers, lines, mock.ledger.entries)


def _models(port: int) -> ModelTable:
    origin = Origin("http", "127.0.0.1", port)
    models = {}
    for name, kind in MODELS.items():
        (dialect, path), *others = SPOKEN[kind]  # type: ignore[index]
        endpoint = Endpoint(origin, path, "x", dialect=dialect, others=tuple(others), key=Secret("k"))
        models[name] = Model(name, kind, name.replace("/", "-"), endpoint)
    return ModelTable(models)


def main() -> None:
    """Runs it and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures there")
    given = parser.parse_args()
    found, seconds = uvloop.run(chaos(given.requests, given.seed))
    print(f"{given.requests} requests, {found.attempts} attempts, {found.tokens} tokens, {seconds:.0f} s")
    for outcome, count in found.outcomes.most_common():
        print(f"  {count:7} {outcome}")
    wrong = {what: count for what, count in found.off.items() if count}
    print("all ledgers agree" if not wrong else f"disagreements: {wrong}")
    for what, cases in found.cases.items():
        for case in cases:
            print(f"  {what}: {case}")
    if given.json is not None:
        figures = {"requests": given.requests, "attempts": found.attempts, "tokens": found.tokens, "off": wrong}
        given.json.write_text(json.dumps(figures | {"outcomes": found.outcomes}, indent=2))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
