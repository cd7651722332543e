"""Times to the first token as numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plano.observe.exposition import LabelledLive, LabelValues
from plano.observe.label import Labels
from plano.observe.metrics import MAX_MODELS
from plano.signals.board import Board

SHARES = (0.5, 0.95, 0.99)


def first_tokens(board: Callable[[], Board], models: Callable[[], Iterable[str]]) -> LabelledLive:
    """A family of quantiles for each of the first 100 declared models that has been measured.

    ``board``, ``models``: those of now, as a reload makes others.
    """

    def read() -> list[tuple[LabelValues, float]]:
        names, measured = tuple(models())[:MAX_MODELS], board().measured
        labels = Labels(names, limit=MAX_MODELS)
        return [
            ((labels.of(name), str(share)), seconds)
            for name in names
            for share, seconds in zip(SHARES, measured.quantiles(name, SHARES), strict=False)
        ]

    return LabelledLive(
        "plano_llm_first_token_seconds",
        "Seconds to the first token of streams, in the last hour or so: median and tails.",
        ("model", "quantile"),
        read,
        kind="summary",
    )
