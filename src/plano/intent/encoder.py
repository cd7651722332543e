"""Texts to unit vectors: the sentence encoder, run by ONNX Runtime on one thread. Nothing here knows routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from plano.intent.memory import Memory, digest
from plano.intent.wordpiece import WordPiece

if TYPE_CHECKING:
    from plano.intent.geometry import Floats, Halves

MAX_TOKENS = 54


@dataclass(frozen=True, slots=True)
class Reading:
    """One text read: its unit ``vector`` (d,), and the ``states`` (tokens, d) of its tokens below the top layer.

    An encoder whose file does not give states out has none of them: (0, d).
    """

    vector: Floats
    states: Halves


def session(model: Path) -> onnxruntime.InferenceSession:
    """A loaded model that uses one core."""
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class Encoder:
    """A loaded encoder. Safe in any thread; one call uses one core."""

    def __init__(self, *, model: Path, vocabulary: str) -> None:
        self._tokenizer = WordPiece.parse(vocabulary)
        self._session = session(model)
        outputs = self._session.get_outputs()
        self.dimensions: int = outputs[0].shape[1]
        self._outputs = [output.name for output in outputs]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 (number of texts, dimensions). Of each text the first 54 tokens are read."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.read(text).vector
        return vectors

    def read(self, text: str) -> Reading:
        """The first 54 tokens of one text, read.

        Texts go in one by one: activations are quantised by the range of the whole input, so that in a batch the
        vector of a text would depend on its neighbours, and the same question could have two answers.
        """
        ids = np.array([self._tokenizer.encode(text, limit=MAX_TOKENS)], dtype=np.int64)
        vectors, *states = self._session.run(self._outputs, {"input_ids": ids})
        kept = states[0][0] if states else np.empty((0, self.dimensions))
        return Reading(vectors[0], kept.astype(np.float16))

    def tokens(self, text: str) -> int:
        """How many tokens of the text are read, the marks of its start and end among them."""
        return len(self._tokenizer.encode(text, limit=MAX_TOKENS))

    def remembering(self, limit: int) -> RememberedVectors:
        """The same encoder with a memory of so many texts."""
        return RememberedVectors(self, limit)


class RememberedVectors:
    """An encoder that computes only what it has not computed lately. Safe in any thread."""

    def __init__(self, encoder: Encoder, limit: int) -> None:
        self._encoder = encoder
        self._rows: Memory[bytes, Floats] = Memory(limit)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 (number of texts, dimensions)."""
        rows = np.empty((len(texts), self._encoder.dimensions), dtype=np.float32)
        for place, text in enumerate(texts):
            key = digest((text,))
            row = self._rows.get(key)
            if row is None:
                row = self._encoder.encode((text,))[0]
                self._rows.put(key, row)
            rows[place] = row
        return rows
