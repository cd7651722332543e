"""The encoder turns texts into unit vectors, always the same ones."""

from __future__ import annotations

import numpy as np
import pytest

from plano.intent.package import Parts

TEXTS = ("write a poem about rain", "hi", "", "日本語", "a" * 5_000, "fix my code\n" * 200)


def test_vectors_have_length_one(parts: Parts) -> None:
    """Whatever the text: float32, one row a text, length 1."""
    vectors = parts.encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), parts.encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours(parts: Parts) -> None:
    """Alone, among others, earlier or later: the same bytes."""
    together = parts.encoder.encode(TEXTS)
    for place, text in enumerate(TEXTS):
        assert parts.encoder.encode((text,)).tobytes() == together[place].tobytes()


def test_a_cosine_is_the_mean_of_two(parts: Parts) -> None:
    """Both encoders count as their shares say; a foreign text is compared by the second alone."""
    encoder = parts.encoder
    one, other = "how do I bake bread", "a recipe for bread"
    first, second = ([part.vector(text) for text in (one, other)] for part in (encoder.transformer, encoder.windows))
    share = encoder.share
    both, alone = encoder.encode((one, other)), encoder.foreign((one,))
    assert np.isclose(
        both[0] @ both[1], (1 - share) * (first[0] @ first[1]) + share * (second[0] @ second[1]), atol=1e-5
    )
    assert np.isclose(alone[0] @ both[1], second[0] @ second[1], atol=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("how do I bake bread", "a recipe for bread", "changing a tyre"),
        ("translate this to French", "French translation", "tax law"),
    ],
)
def test_meaning_decides_what_is_near(parts: Parts, text: str, near: str, far: str) -> None:
    """A paraphrase is nearer than another subject: the weights are not noise."""
    vectors = parts.encoder.encode((text, near, far))
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_remembered_vector_is_the_same_vector(parts: Parts) -> None:
    """Remembered, forgotten and computed again: the same bytes."""
    remembering = parts.encoder.remembering(2)
    expected = parts.encoder.encode(TEXTS).tobytes()
    assert remembering.encode(TEXTS).tobytes() == expected
    assert remembering.encode(TEXTS).tobytes() == expected
    assert remembering.foreign(TEXTS).tobytes() == parts.encoder.foreign(TEXTS).tobytes()
    assert remembering.encode(TEXTS[:2]).tobytes() == parts.encoder.encode(TEXTS[:2]).tobytes()
