"""How the models are doing, in the metrics."""

from __future__ import annotations

from plano.domain.attempt import Hold
from plano.observe.metrics import MAX_MODELS
from plano.server.admin.model_health import model_health
from plano.signals.board import Board


def test_every_state() -> None:
    """Closed, held, ejected and in probation, and for how long; no more models than have a place."""
    board, moment = Board(), [100.0]
    names = ["well", "held", "broken", *(f"m{number}" for number in range(MAX_MODELS))]
    board.hold("held", Hold(30.0), now=100.0)
    for _ in range(5):
        board.breaker.failed(board.breaker.begin("broken", 100.0), 100.0, jitter=1.0)
    states, waits = model_health(lambda: board, lambda: names, now=lambda: moment[0])

    def numbers() -> list[tuple[float, float]]:
        lines = [
            [float(line.rpartition(" ")[2]) for line in family.lines().splitlines() if line.startswith("plano")]
            for family in (states, waits)
        ]
        assert [len(each) for each in lines] == [MAX_MODELS, MAX_MODELS]
        return list(zip(lines[0][:3], lines[1][:3], strict=True))

    assert numbers() == [(0, 0), (0, 30.0), (2, 5.0)]
    moment[0] = 105.0
    assert numbers() == [(0, 0), (0, 25.0), (1, 0)]
    board.breaker.succeeded(board.breaker.begin("broken", 105.0), 105.0)
    assert numbers()[2] == (0, 0)
