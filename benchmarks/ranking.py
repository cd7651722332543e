"""A simulated day: how close rankings come to an oracle that knows the true means, and what a ranking costs.

Latencies of five models drift by the hour and jump now and then, answers scatter around them, prices change and their
source fails at times. `fastest` is compared with whoever is truly fastest for each request, `cheapest` with whoever is
truly cheapest, each as the sum over the day divided by the oracle's. No network, no sleeping; the same every time.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from plano.domain.catalog import Price, Rates
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.request import Needs
from plano.domain.route import Prefer, Route, SelectionPolicy
from plano.domain.usage import Served, Usage
from plano.ranking.rank import Rankings, rank
from plano.signals.board import Board
from plano.signals.histogram import LogHistogram
from plano.signals.prices import PriceList, PriceSource

DAY_S = 86_400
SWEEP_S = 0.5
HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
BYTES_PER_TOKEN = 3.6
PRICE_REFRESH_S = 3_600
FAILING_SHARE = 0.3
SCATTER = 0.45
"""Standard deviation of the logarithm of a latency: a p95 of twice the median."""


@dataclass
class TrueModel:
    """What is true of a model. ``period_s``: of its daily drift. ``jumps``: (moment, factor) of sudden changes."""

    name: str
    first_s: float
    token_s: float
    rates: Rates
    period_s: float
    phase: float
    jumps: tuple[tuple[float, float], ...] = ()

    def latency(self, at: float) -> tuple[float, float]:
        """Mean seconds to the first token, and for each further one."""
        factor = 1.0 + 0.5 * math.sin(2 * math.pi * at / self.period_s + self.phase)
        for moment, jump in self.jumps:
            factor *= jump if at >= moment else 1.0
        return self.first_s * factor, self.token_s * factor

    def price(self, at: float) -> Price:
        """Its price in that hour: input and output move apart."""
        hour = int(at // 3_600)
        chance = random.Random(f"{self.name}{hour // 6}")
        return Price(Rates(self.rates.input * chance.uniform(0.7, 1.4), self.rates.output * chance.uniform(0.7, 1.4)))

    def time(self, at: float, tokens: int) -> float:
        """Mean seconds of an answer."""
        first, each = self.latency(at)
        return first + each * max(0, tokens - 1)

    def cost(self, at: float, prompt: int, tokens: int) -> float:
        """USD."""
        rates = self.price(at).rates
        return (prompt * rates.input + tokens * rates.output) / 1e6


MODELS = (
    TrueModel("a/one", 0.4, 0.012, Rates(3.0, 15.0), 40_000, 0.0, ((30_000, 2.5), (37_000, 0.4))),
    TrueModel("b/two", 0.5, 0.009, Rates(2.5, 10.0), 30_000, 2.0),
    TrueModel("c/three", 0.3, 0.014, Rates(0.9, 14.0), 55_000, 4.0, ((60_000, 3.0), (64_000, 1 / 3))),
    TrueModel("d/four", 0.8, 0.007, Rates(4.0, 4.0), 25_000, 1.0),
    TrueModel("e/five", 0.6, 0.011, Rates(1.2, 9.0), 70_000, 5.0, ((50_000, 0.5), (70_000, 2.0))),
)


@dataclass
class Day:
    """One simulated day under one preference."""

    prefer: Prefer
    seed: int
    rate_per_s: float
    chosen: float = 0.0
    best: float = 0.0
    first: float = 0.0
    requests: int = 0
    explored: int = 0
    _chance: random.Random = field(init=False)

    def run(self) -> Day:
        """Plays it."""
        self._chance = random.Random(self.seed)
        prices = PriceList(sources=[PriceSource("simulated", 7 * DAY_S, {})])
        board = Board(prices)
        table = ModelTable({one.name: Model(one.name, "p", one.name, HERE) for one in MODELS})
        route = Route("r", "d", tuple(one.name for one in MODELS), SelectionPolicy(self.prefer))
        rankings = Rankings(table)
        at, swept, priced = 0.0, -1.0, -1.0
        while at < DAY_S:
            if at - priced >= PRICE_REFRESH_S or priced < 0:
                priced = at
                if self._chance.random() >= FAILING_SHARE or at == 0.0:
                    prices.hear(0, {one.name: one.price(at) for one in MODELS}, at=at)
            if at - swept >= SWEEP_S:
                swept = at
                board.sweep(at)
            self._request(board, rankings, route, at)
            at += self._chance.expovariate(self.rate_per_s)
        return self

    def _request(self, board: Board, rankings: Rankings, route: Route, at: float) -> None:
        chance = self._chance
        prompt = int(chance.lognormvariate(6.5, 1.2)) + 20
        tokens = int(chance.lognormvariate(5.3, 0.7)) + 5
        needs = Needs(prompt_bytes=int(prompt * BYTES_PER_TOKEN))
        trace_id = f"{chance.getrandbits(128):032x}"
        found = rankings.of(
            route, board.snapshot(at), own=Model("own", "p", "own", HERE), needs=needs, trace_id=trace_id
        )
        name = found.candidates[0].model.name
        value: Callable[[TrueModel], float] = (
            (lambda one: one.time(at, tokens))
            if self.prefer == "fastest"
            else (lambda one: one.cost(at, prompt, tokens))
        )
        values = {one.name: value(one) for one in MODELS}
        self.requests += 1
        self.explored += found.is_exploration
        self.chosen += values[name]
        # The oracle knows the true means, not the length of this very answer.
        self.best += values[min(MODELS, key=self._expected(at, prompt)).name]
        self.first += values[MODELS[0].name]
        self._learn(board, name, at, prompt, tokens)

    def _expected(self, at: float, prompt: int) -> Callable[[TrueModel], float]:
        mean = int(math.exp(5.3 + 0.7**2 / 2)) + 5
        if self.prefer == "fastest":
            return lambda one: one.time(at, mean)
        return lambda one: one.cost(at, prompt, mean)

    def _learn(self, board: Board, name: str, at: float, prompt: int, tokens: int) -> None:
        one = next(one for one in MODELS if one.name == name)
        first, each = one.latency(at)
        scatter = self._chance.lognormvariate(-(SCATTER**2) / 2, SCATTER)
        first_s = first * scatter
        whole_s = first_s + each * (tokens - 1) * self._chance.lognormvariate(-0.02, 0.2)
        usage = Usage(input_tokens=prompt, output_tokens=tokens)
        board.learn([Served(name, "r", int(prompt * BYTES_PER_TOKEN), usage, first_s, whole_s)], at)


def best_of(work: Callable[[], object], *, rounds: int, each: int) -> float:
    """Microseconds of one call: the least of ``rounds`` means, which other work on the machine disturbs least."""
    found = math.inf
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(each):
            work()
        found = min(found, (time.perf_counter() - began) / each)
    return found * 1e6


def costs() -> dict[str, float]:
    """What a ranking of 20 candidates and a histogram cost, in microseconds."""
    names = tuple(f"p/{number}" for number in range(20))
    board = Board(PriceList(configured={name: Price(Rates(1.0, number + 1.0)) for number, name in enumerate(names)}))
    for number, name in enumerate(names):
        board.learn([Served(name, "r", 4_000, Usage(1_000, 200), 0.2 + number / 100, 3.0)] * 5, 0.0)
    board.photograph(1.0)
    pool = [Model(name, "p", name, HERE) for name in names]
    own, needs = Model("own", "p", "own", HERE), Needs(4_000)
    snapshot = board.snapshot(1.0)
    table = ModelTable({one.name: one for one in pool})
    route = Route("r", "d", names, SelectionPolicy("balanced"))
    rankings, histogram = Rankings(table), LogHistogram()
    return {
        "20 candidates, worked out": best_of(
            lambda: rank(pool, route.policy, snapshot, own=own, needs=needs, route="r"), rounds=50, each=200
        ),
        "20 candidates, remembered": best_of(
            lambda: rankings.of(route, snapshot, own=own, needs=needs, trace_id="f" * 32), rounds=50, each=2_000
        ),
        "histogram, one number": best_of(lambda: histogram.add(0.123), rounds=50, each=10_000),
    }


def main() -> None:
    """Prints ratios and costs; `--json FILE` keeps them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=0.5, help="requests per second (default 0.5)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json")
    given = parser.parse_args()
    report: dict[str, object] = {}
    preferences: tuple[Prefer, ...] = ("fastest", "cheapest")
    for prefer in preferences:
        ratios = []
        for seed in range(given.seeds):
            day = Day(prefer, seed, given.rate).run()
            ratios.append(day.chosen / day.best)
            print(
                f"{prefer:9} seed {seed}: {day.requests} requests, {100 * (day.chosen / day.best - 1):5.2f} % over the "
                f"oracle, {day.explored} explored; always the first: {100 * (day.first / day.best - 1):.0f} % over"
            )
        report[prefer] = ratios
    for name, micros in costs().items():
        print(f"{name}: {micros:.2f} µs")
        report[name] = micros
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
