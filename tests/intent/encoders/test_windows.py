"""The second encoder reads texts of sixteen languages."""

from __future__ import annotations

import numpy as np
import pytest

from plano.intent.encoders.pieces import Pieces
from plano.intent.encoders.windows import Windows
from plano.intent.package import SHIPPED


@pytest.fixture(scope="module")
def windows() -> Windows:
    """The shipped encoder."""
    pieces = Pieces(model=SHIPPED / "pieces.model", table=SHIPPED / "pieces.npy")
    return Windows(model=SHIPPED / "windows.onnx", pieces=pieces)


@pytest.mark.parametrize("text", ["", "x", "write a poem about rain", "日本語", "a" * 5_000])
def test_vectors_have_length_one(windows: Windows, text: str) -> None:
    """Whatever the text."""
    vector = windows.vector(text)
    assert vector.shape == (windows.dimensions,)
    assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5)


@pytest.mark.parametrize(
    "text", ["traduce esto al francés", "переведи это на французский", "把这个翻译成法语", "これをフランス語に翻訳して"]
)
def test_other_languages_mean_the_same(windows: Windows, text: str) -> None:
    """A translation is nearer to the English sentence than another sentence is."""
    own, same, other = (windows.vector(each) for each in (text, "translate this into French", "why does my head ache?"))
    assert own @ same > own @ other + 0.2


def test_words_further_on_are_not_read(windows: Windows) -> None:
    """After 48 pieces more text changes nothing."""
    start = "word " * 46
    assert windows.vector(start).tobytes() == windows.vector(start + "other " * 500).tobytes()
