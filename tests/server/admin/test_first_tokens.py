"""Times to the first token in the metrics."""

from __future__ import annotations

import pytest

from plano.domain.usage import Served, Usage
from plano.observe.metrics import MAX_MODELS
from plano.server.admin.first_tokens import first_tokens
from plano.signals.board import Board


def test_quantiles_of_measured_models() -> None:
    """Three series for each model that was measured; none for the others, nor for more models than have a place."""
    board = Board()
    names = [f"m{number}" for number in range(MAX_MODELS + 1)]
    for name in (names[0], names[-1]):
        board.learn([Served(name, None, 10, Usage(), 0.5, None)] * 9, 1.0)
    _, kind, *lines = first_tokens(lambda: board, lambda: names).lines().splitlines()
    assert kind == "# TYPE plano_llm_first_token_seconds summary"
    assert [line.rpartition(" ")[0] for line in lines] == [
        f'plano_llm_first_token_seconds{{model="m0",quantile="{share}"}}' for share in (0.5, 0.95, 0.99)
    ]
    assert [float(line.rpartition(" ")[2]) for line in lines] == pytest.approx([0.5] * 3, rel=0.021)
