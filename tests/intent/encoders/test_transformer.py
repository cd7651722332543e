"""The first encoder reads English."""

from __future__ import annotations

import numpy as np
import pytest

from plano.intent.encoders.transformer import Transformer
from plano.intent.package import SHIPPED


@pytest.fixture(scope="module")
def transformer() -> Transformer:
    """The shipped encoder."""
    return Transformer(model=SHIPPED / "encoder.onnx", vocabulary=(SHIPPED / "vocab.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["", "hi", "日本語", "a" * 5_000, "fix my code\n" * 200])
def test_vectors_have_length_one(transformer: Transformer, text: str) -> None:
    """Whatever the text."""
    vector = transformer.vector(text)
    assert vector.shape == (transformer.dimensions,)
    assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5)


def test_words_further_on_are_not_read(transformer: Transformer) -> None:
    """After 54 tokens more text changes nothing."""
    start = "word " * 52
    assert transformer.vector(start).tobytes() == transformer.vector(start + "other " * 500).tobytes()
