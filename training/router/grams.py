"""The second encoder as torch modules: averages of word pieces and of windows of 2, 3 and 5 of them, and a small
residual network on top.

Follows the convolutional Universal Sentence Encoder for 16 languages (Yang et al. 2019, arXiv 1907.04307; its third
release). The vectors of the pieces stay as they are published; everything after them is trained.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import sentencepiece
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WIDTH, NARROW, OUT, HIDDEN = 512, 256, 512, 320
WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces in a window, and how many of them stand before the place it belongs to."""
BLOCKS = 17
"""The table of pieces is kept in so many blocks, piece by piece in turn, each with its own scale."""
EPSILON = 1e-12


class Pieces:
    """Texts to ids of pieces, beginning and end marked."""

    def __init__(self, file: Path) -> None:
        self._read = sentencepiece.SentencePieceProcessor(model_file=str(file))

    def encode(self, text: str, *, limit: int) -> list[int]:
        """At most ``limit`` ids."""
        return [self._read.bos_id(), *self._read.encode(text.lower())[: limit - 2], self._read.eos_id()]


class Windows(nn.Module):
    """Two rounds of windows of one size, each added to what it read."""

    def __init__(self, size: int, before: int) -> None:
        super().__init__()
        self.around = (before, size - 1 - before)
        self.first = nn.Conv1d(NARROW, NARROW, size)
        self.second = nn.Conv1d(NARROW, NARROW, size)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(texts, narrow, pieces) to the same; nothing is read beyond a text."""
        for layer in (self.first, self.second):
            states = states * mask
            states = states + functional.relu(layer(functional.pad(states, self.around)))
        return states


class Encoder(nn.Module):
    """Ids of pieces to unit vectors."""

    def __init__(self, table: NDArray[np.uint8]) -> None:
        super().__init__()
        self._table = torch.from_numpy(table)
        self.narrow = nn.Linear(WIDTH, NARROW * len(WINDOWS))
        self.norm = nn.LayerNorm(NARROW * len(WINDOWS), EPSILON)
        self.windows = nn.ModuleList(Windows(*window) for window in WINDOWS)
        wide = WIDTH + NARROW * len(WINDOWS)
        self.whole = nn.LayerNorm(wide, EPSILON)
        self.pool = nn.Linear(wide, OUT)
        self.first, self.first_on = nn.Linear(OUT, HIDDEN, bias=False), nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.first_past = nn.Linear(OUT, HIDDEN, bias=False)
        self.second, self.second_on = nn.Linear(HIDDEN, OUT, bias=False), nn.Linear(OUT, OUT, bias=False)
        self.second_past = nn.Linear(HIDDEN, OUT, bias=False)

    @classmethod
    def load(cls, pieces: Path, file: Path) -> Encoder:
        """The encoder over a table of ``pieces.py``, as published (weights.npz) or as trained (safetensors)."""
        encoder = cls(np.load(pieces, allow_pickle=False))
        encoder.load_state_dict(published(file) if file.suffix == ".npz" else load_file(file))
        return encoder

    def words(self, ids: Tensor) -> Tensor:
        """The vectors of pieces (texts, pieces, width)."""
        rows = self._table[ids.cpu()]
        halves, ends = rows[..., : WIDTH // 2], rows[..., WIDTH // 2 : WIDTH // 2 + 2]
        levels = torch.stack((halves & 15, halves >> 4), dim=-1).flatten(-2).float() - 8
        scales: Tensor = ends.contiguous().view(torch.float16).float()
        return (levels * scales).to(ids.device)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """``ids`` and ``mask`` (texts, pieces) to unit vectors (texts, 512), float32."""
        words = self.words(ids)
        states = self.norm(self.narrow(words)).transpose(1, 2)
        stands = mask[:, None, :].to(states.dtype)
        seen = [
            part(states[:, place * NARROW : (place + 1) * NARROW], stands).transpose(1, 2)
            for place, part in enumerate(self.windows)
        ]
        features = self.whole(torch.cat((words, *(each.float() for each in seen)), dim=2)).float()
        total = (features * mask[..., None]).sum(1)
        count = mask.sum(1, keepdim=True).float()
        mean = functional.linear(total, self.pool.weight) + count * self.pool.bias
        mean = mean / count.sqrt()
        low = self.first_past(mean) + self.first_on(functional.relu(self.first(mean)))
        low = functional.relu(low)
        out = self.second_past(low) + self.second_on(functional.relu(self.second(low)))
        return functional.normalize(torch.tanh(out.float()), dim=-1)


def published(file: Path) -> dict[str, Tensor]:
    """The weights as they are published, by the names used here."""
    with np.load(file, allow_pickle=False) as kept:
        arrays = {name: torch.from_numpy(kept[name]) for name in kept.files if not name.startswith("q")}
    sizes = [size for size, _ in WINDOWS]
    state = {
        "narrow.weight": torch.cat([arrays[f"proj{size}"] for size in sizes], dim=1).T,
        "narrow.bias": torch.cat([arrays[f"proj_b{size}"] for size in sizes]),
        "norm.weight": torch.cat([arrays[f"ln_g{size}"] for size in sizes]),
        "norm.bias": torch.cat([arrays[f"ln_b{size}"] for size in sizes]),
        "whole.weight": arrays["ln_g"],
        "whole.bias": arrays["ln_b"],
        "pool.weight": arrays["cnn_W"].T,
        "pool.bias": arrays["cnn_b"],
        "first.weight": arrays["d0"].T,
        "first_on.weight": arrays["d1"].T,
        "first_past.weight": arrays["p1"].T,
        "second.weight": arrays["d2"].T,
        "second_on.weight": arrays["d3"].T,
        "second_past.weight": arrays["p3"].T,
    }
    for place, size in enumerate(sizes):
        for name, number in (("first", 1), ("second", 2)):
            weight = arrays[f"w{number}_{size}"].reshape(size, NARROW, NARROW)
            state[f"windows.{place}.{name}.weight"] = weight.permute(2, 1, 0).contiguous()
            state[f"windows.{place}.{name}.bias"] = arrays[f"b{number}_{size}"]
    return state
