"""Texts become vectors of their pieces."""

from __future__ import annotations

import numpy as np
import pytest

from plano.intent.encoders.pieces import Pieces
from plano.intent.package import SHIPPED


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    """The shipped pieces."""
    return Pieces(model=SHIPPED / "pieces.model", table=SHIPPED / "pieces.npy")


def test_a_vector_a_piece_between_two_marks(pieces: Pieces) -> None:
    """Float32 rows of 512; an empty text is the two marks alone, which every text begins and ends with."""
    nothing = pieces.vectors("", limit=64)
    assert nothing.shape == (2, 512)
    some = pieces.vectors("write a poem", limit=64)
    assert some.dtype == np.float32
    assert len(some) == 5
    assert np.array_equal(some[[0, -1]], nothing)


def test_case_changes_nothing(pieces: Pieces) -> None:
    """The table knows small letters only."""
    assert np.array_equal(pieces.vectors("Write A POEM", limit=64), pieces.vectors("write a poem", limit=64))


@pytest.mark.parametrize("text", ["word " * 5_000, "文" * 5_000, "\x00\ud800", "\u0301" * 3_000, "a" * 100_000])
def test_no_more_than_the_limit(pieces: Pieces, text: str) -> None:
    """Whatever the text: at most so many rows, and finite ones."""
    found = pieces.vectors(text, limit=16)
    assert 2 <= len(found) <= 16
    assert np.isfinite(found).all()


def test_packed_numbers_are_unpacked_in_their_order(pieces: Pieces, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The low half of a byte is the earlier number, 8 is zero, the scale is the float16 behind the bytes."""
    folder = tmp_path_factory.mktemp("pieces")
    row = np.full(260, 8 | 8 << 4, dtype=np.uint8)
    row[0] = 9 | 5 << 4
    row[256:258] = np.frombuffer(np.float16(0.5).tobytes(), dtype=np.uint8)
    np.save(folder / "table.npy", np.tile(row, (80_000, 1)))
    mine = Pieces(model=SHIPPED / "pieces.model", table=folder / "table.npy")
    assert mine.vectors("", limit=8)[0, :3].tolist() == [0.5, -1.5, 0.0]
