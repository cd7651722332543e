"""The sentence encoder as torch modules: the BERT layers of a safetensors checkpoint, mean pooling, unit length.

Follows Devlin et al. 2019 (arXiv 1810.04805) in the six-layer, 384-wide shape of MiniLM (arXiv 2002.10957). Parameter
names are those of the checkpoint, so that what is trained is exported by the script that exports the plain encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WIDTH, WIDE, HEADS, LAYERS, VOCABULARY, PLACES = 384, 1536, 12, 6, 30522, 512
EPSILON = 1e-12
CHUNK_TOKENS = 3072


class Embeddings(nn.Module):
    """Word and place vectors, summed and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, WIDTH)
        self.position_embeddings = nn.Embedding(PLACES, WIDTH)
        self.token_type_embeddings = nn.Embedding(2, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, ids: Tensor) -> Tensor:
        """(texts, tokens) to (texts, tokens, width)."""
        places = self.position_embeddings.weight[: ids.shape[1]] + self.token_type_embeddings.weight[0]
        normal: Tensor = self.LayerNorm(self.word_embeddings(ids) + places)
        return normal


class Attention(nn.Module):
    """Self-attention and its residual."""

    def __init__(self) -> None:
        super().__init__()
        self.self = nn.ModuleDict({part: nn.Linear(WIDTH, WIDTH) for part in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, EPSILON)})

    def forward(self, states: Tensor, mask: Tensor, dropout: float) -> Tensor:
        """(texts, tokens, width) to the same; ``mask`` (texts, 1, 1, tokens): True where a token stands."""
        query, key, value = (
            self.self[part](states).unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        out = self.output["dense"](mixed.transpose(1, 2).flatten(2))
        normal: Tensor = self.output["LayerNorm"](states + functional.dropout(out, dropout, self.training))
        return normal


class Layer(nn.Module):
    """One transformer block."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDE)})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDE, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, EPSILON)})

    def forward(self, states: Tensor, mask: Tensor, dropout: float) -> Tensor:
        """(texts, tokens, width) to the same."""
        states = self.attention(states, mask, dropout)
        out = self.output["dense"](functional.gelu(self.intermediate["dense"](states)))
        normal: Tensor = self.output["LayerNorm"](states + functional.dropout(out, dropout, self.training))
        return normal


class Encoder(nn.Module):
    """Token ids to unit vectors. ``dropout``: applied in the layers while training."""

    def __init__(self, dropout: float = 0.05) -> None:
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer() for _ in range(LAYERS))})
        self.dropout = dropout

    @classmethod
    def load(cls, file: Path) -> Encoder:
        """The encoder of a checkpoint. Raises RuntimeError when a tensor is missing."""
        encoder = cls()
        wanted = encoder.state_dict().keys()
        state = {key.removeprefix("bert."): value for key, value in load_file(file).items()}
        encoder.load_state_dict({key: value for key, value in state.items() if key in wanted})
        return encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """``ids`` and ``mask`` (texts, tokens) to unit vectors (texts, width), float32."""
        states = self.embeddings(ids)
        for layer in self.encoder["layer"]:
            states = layer(states, mask[:, None, None, :], self.dropout)
        weights = mask[..., None].float()
        mean = (states.float() * weights).sum(1) / weights.sum(1)
        return functional.normalize(mean, dim=-1)


@dataclass(frozen=True, slots=True)
class Batcher:
    """Encodes lists of ids of any lengths: sorted by length, padded chunk by chunk, in bfloat16 where ``half``."""

    encoder: nn.Module
    device: torch.device
    half: bool = True

    def __call__(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Unit vectors (number of texts, width), in the order of the texts. Each different text is encoded once."""
        unique = sorted({tuple(text) for text in texts}, key=lambda text: (len(text), text))
        vectors = []
        start = 0
        while start < len(unique):
            end = start + 1
            while end < len(unique) and (end + 1 - start) * len(unique[end]) <= CHUNK_TOKENS:
                end += 1
            vectors.append(self._chunk(unique[start:end]))
            start = end
        place = {text: row for row, text in enumerate(unique)}
        return torch.cat(vectors)[torch.tensor([place[tuple(text)] for text in texts], device=self.device)]

    def _chunk(self, texts: list[tuple[int, ...]]) -> Tensor:
        longest = len(texts[-1])
        ids = torch.tensor([[*text, *[0] * (longest - len(text))] for text in texts], device=self.device)
        mask = torch.tensor(
            [[True] * len(text) + [False] * (longest - len(text)) for text in texts], device=self.device
        )
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.half):
            vectors: Tensor = self.encoder(ids, mask)
        return vectors
