"""Makes the second encoder's table of word pieces from the published one: one case, the commonest, four bits a number.

Usage: python pieces.py PUBLISHED_FOLDER OUTPUT_FOLDER

PUBLISHED_FOLDER: weights.npz and sp.model of the published encoder. Writes pieces.model and pieces.npy: a row of 256
bytes a piece, two numbers to a byte (the earlier one in the low half), then the row's scale as float16 and two bytes
that fill up.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from grams import BLOCKS
from numpy.typing import NDArray
from sentencepiece import sentencepiece_model_pb2 as schema

KEPT = 76_000
CONTROLS = 3
"""Unknown, beginning, end: the first pieces."""
NORMAL = 1
STEPS = 7
"""Levels on either side of zero."""


def lowered(model: schema.ModelProto) -> tuple[list[int], schema.ModelProto]:
    """Where the kept pieces stood, and a model of them alone.

    Of pieces that differ in case alone the one in small letters lends its vector, or else the commonest; it is as
    likely as all of them together.
    """
    chosen: dict[str, int] = {}
    chance: dict[str, float] = {}
    for place, piece in enumerate(model.pieces):
        if piece.type != NORMAL:
            continue
        text = piece.piece.lower()
        if text not in chosen or piece.piece == text:
            chosen[text] = place
        chance[text] = chance.get(text, 0.0) + math.exp(piece.score)
    single = {text for text in chosen if len(text.removeprefix("▁")) <= 1}
    ranked = sorted(chosen, key=lambda text: (text not in single, -chance[text]))[:KEPT]
    kept = schema.ModelProto()
    kept.CopyFrom(model)
    del kept.pieces[:]
    places = list(range(CONTROLS))
    kept.pieces.extend(model.pieces[:CONTROLS])
    for text in sorted(ranked, key=lambda text: -chance[text]):
        kept.pieces.add(piece=text, score=math.log(chance[text]), type=NORMAL)
        places.append(chosen[text])
    kept.trainer_spec.vocab_size = len(kept.pieces)
    return places, kept


def packed(rows: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Rows (r, 512) in 260 bytes each."""
    scales = _scales(rows)
    levels = (np.clip(np.rint(rows / scales[:, None].astype(np.float32)), -STEPS, STEPS) + 8).astype(np.uint8)
    halves = levels[:, 0::2] | (levels[:, 1::2] << 4)
    ends = np.stack((scales, np.zeros_like(scales)), axis=1).view(np.uint8)
    return np.concatenate((halves, ends), axis=1)


def _scales(rows: NDArray[np.float32]) -> NDArray[np.float16]:
    """The step of each row at which the squares of the errors are least, of 24 tried."""
    most = np.abs(rows).max(axis=1) / STEPS
    best, costs = most, np.full(len(rows), np.inf)
    for share in np.linspace(0.35, 1.0, 24):
        step = (most * share).astype(np.float16).astype(np.float32)
        cost = ((np.clip(np.rint(rows / step[:, None]), -STEPS, STEPS) * step[:, None] - rows) ** 2).sum(axis=1)
        best, costs = np.where(cost < costs, step, best), np.minimum(cost, costs)
    return best.astype(np.float16)


def main() -> None:
    """Writes both files."""
    published, output = Path(sys.argv[1]), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    model = schema.ModelProto()
    model.ParseFromString((published / "sp.model").read_bytes())
    places, kept = lowered(model)
    (output / "pieces.model").write_bytes(kept.SerializeToString(deterministic=True))
    table = _table(published / "weights.npz")
    np.save(output / "pieces.npy", packed(table[places]))


def _table(file: Path) -> NDArray[np.float32]:
    """All published vectors (128,010, 512)."""
    with np.load(file, allow_pickle=False) as arrays:
        blocks = [arrays[f"q{block + 1}"] * arrays["scale"][block] + arrays["lo"][block] for block in range(BLOCKS)]
    table = np.empty((BLOCKS * len(blocks[0]), blocks[0].shape[1]), dtype=np.float32)
    for block, rows in enumerate(blocks):
        table[block::BLOCKS] = rows
    return table


if __name__ == "__main__":
    main()
