"""Texts to unit vectors: the sentence encoder, run by ONNX Runtime on one thread. Nothing here knows routes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from plano.intent.memory import Memory, digest
from plano.intent.wordpiece import WordPiece

if TYPE_CHECKING:
    from plano.intent.geometry import Floats

MAX_TOKENS = 54


class Encoder:
    """A loaded encoder. Safe in any thread; one call uses one core."""

    def __init__(self, *, model: Path, vocabulary: str) -> None:
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._tokenizer = WordPiece.parse(vocabulary)
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.dimensions: int = self._session.get_outputs()[0].shape[1]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 (number of texts, dimensions). Of each text the first 54 tokens are read.

        Texts go in one by one: activations are quantised by the range of the whole input, so that in a batch the
        vector of a text would depend on its neighbours, and the same question could have two answers.
        """
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(text, limit=MAX_TOKENS)], dtype=np.int64)
            vectors[row] = self._session.run(None, {"input_ids": ids})[0][0]
        return vectors

    def remembering(self, limit: int) -> RememberedVectors:
        """The same encoder with a memory of so many texts."""
        return RememberedVectors(self, limit)


class RememberedVectors:
    """An encoder that computes only what it has not computed lately. Safe in any thread."""

    def __init__(self, encoder: Encoder, limit: int) -> None:
        self._encoder = encoder
        self._rows: Memory[bytes, Floats] = Memory(limit)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 (number of texts, dimensions); at least one text."""
        rows = []
        for text in texts:
            key = digest((text,))
            row = self._rows.get(key)
            if row is None:
                row = self._encoder.encode((text,))[0]
                self._rows.put(key, row)
            rows.append(row)
        return np.stack(rows)
