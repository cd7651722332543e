"""What watching costs: one scrape of about 1,000 series, and one record taken by each reader. Best and median."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from io import StringIO

from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import Intent
from plano.domain.model import Endpoint, Model, Origin
from plano.observe.alike import alike
from plano.observe.clerk import Clerk
from plano.observe.log import Log
from plano.observe.metrics import Metrics
from plano.observe.process import process_numbers
from plano.observe.record import Record
from plano.observe.records import Records
from plano.server.endpoints import PATHS

ROUNDS = 300
BATCH = 256
MODELS, ROUTES = 100, 100
ENDINGS = ("200", "429", "500", "timeout", "connect")
STAGES = (("parse", 0.00008), ("route", 0.003), ("rank", 0.00005), ("connect", 0.0), ("ttft", 0.4))
TEXT = "write a sorting algorithm in Python, with tests " * 20


def model(number: int) -> Model:
    """A declared model."""
    name = f"openai/model-{number:03}"
    return Model(name, "openai", name, Endpoint(Origin("http", "h", 1), "/v1/chat/completions", "h"))


def record(number: int) -> Record:
    """A request that two models were tried for."""
    models = [model((number + offset) % MODELS) for offset in range(2)]
    ranked = tuple(Candidate(each, rank) for rank, each in enumerate(models, 1))
    route = f"route {number % ROUTES}"
    scores = ((route, 0.71), ("another", 0.27))
    decision = Decision(route, f"{number:032x}", ranked, Intent(route, scores, 0.38, 0.44, TEXT))
    first = Try(models[0].name, ENDINGS[number // MODELS % len(ENDINGS)])
    receipt = Receipt((first, Try(models[1].name, "200")), Answered(200))
    return Record(decision.trace_id, 200, 0.4, tuple(PATHS)[number % 2], None, None, decision, receipt, dict(STAGES))


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Best and median seconds of ``work``."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times), statistics.median(times)


def main() -> None:
    """Prints one line for each figure."""
    metrics = Metrics(version="0", paths=tuple(PATHS), live=process_numbers(started_at=time.time()))
    every = [record(number) for number in range(6000)]
    clerk = Clerk(time.time, time.monotonic, b"key")
    metrics.take(alike([clerk.enter(each) for each in every]))
    series = len([line for line in metrics.render().splitlines() if not line.startswith(b"#")])
    best, median = measure(metrics.render)
    print(f"Python {sys.version.split()[0]}")
    print(f"one scrape of {series} series: best {best * 1e6:.0f} µs, median {median * 1e6:.0f} µs")
    records = every[:BATCH]
    batch = [clerk.enter(each) for each in records]
    best, median = measure(lambda: [clerk.enter(each) for each in records])
    print(f"one record entered: best {best / BATCH * 1e6:.1f} µs, median {median / BATCH * 1e6:.1f} µs")
    readers = {
        "metrics": lambda entries: metrics.take(alike(entries)),
        "records": Records().take,
        "log": Log(StringIO()).requests,
    }
    for name, take in readers.items():
        best, median = measure(lambda take=take: take(batch))  # type: ignore[misc]
        print(f"one record taken by {name}: best {best / BATCH * 1e6:.1f} µs, median {median / BATCH * 1e6:.1f} µs")


if __name__ == "__main__":
    main()
