"""How the models are doing as numbers for Prometheus: the state of each breaker, and the promises to providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from plano.observe.exposition import LabelledLive, LabelValues
from plano.observe.label import Labels
from plano.observe.metrics import MAX_MODELS
from plano.signals.board import Board
from plano.signals.breaker import State

STATES: Final[dict[State, int]] = {"closed": 0, "probation": 1, "ejected": 2}


def model_health(
    board: Callable[[], Board], models: Callable[[], Iterable[str]], *, now: Callable[[], float]
) -> tuple[LabelledLive, LabelledLive]:
    """Two families, for each of the first 100 declared models: its breaker, and the seconds until it may be asked.

    ``board``, ``models``: those of now, as a reload makes others. ``now``: monotonic seconds.
    """

    def each(number: Callable[[Board, str, float], float]) -> Callable[[], list[tuple[LabelValues, float]]]:
        def read() -> list[tuple[LabelValues, float]]:
            names, current, moment = tuple(models())[:MAX_MODELS], board(), now()
            labels = Labels(names, limit=MAX_MODELS)
            return [((labels.of(name),), number(current, name, moment)) for name in names]

        return read

    said = ", ".join(f"{number} {state}" for state, number in STATES.items())
    return (
        LabelledLive("plano_llm_breaker_state", f"State of each model's breaker: {said}.", ("model",), each(_state)),
        LabelledLive(
            "plano_llm_model_free_in_seconds",
            "Seconds until a model that is held or ejected may be asked again; 0 when it may now.",
            ("model",),
            each(Board.free_in_s),
        ),
    )


def _state(board: Board, model: str, now: float) -> float:
    return STATES[board.breaker.state(model, now)]
