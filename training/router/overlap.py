"""Which tasks could own each other's requests, so that neither may count as wrong for the other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from corpus import Task
from model import Batcher
from torch import Tensor

from plano.intent.encoders.wordpiece import WordPiece

LEAST_ALIKE = 0.57
"""Mean cosine of descriptions and of requests, by the plain encoder, from which two tasks of unlike groups overlap."""

_TEXTS = 4


def overlaps(tasks: Sequence[Task], batcher: Batcher, tokenizer: WordPiece) -> Tensor:
    """Booleans (tasks, tasks), on the CPU; a task overlaps itself."""
    described = _means([task.descriptions for task in tasks], batcher, tokenizer)
    asked = _means([task.queries for task in tasks], batcher, tokenizer)
    alike = ((described @ described.T) + (asked @ asked.T)) / 2 >= LEAST_ALIKE
    groups, themes = _numbers([task.group for task in tasks]), _numbers([task.theme for task in tasks])
    same_group, same_theme = groups[:, None] == groups, themes[:, None] == themes
    aside = torch.tensor([task.is_aside for task in tasks])
    coarse = torch.tensor([task.is_coarse for task in tasks])
    found = (alike | (aside[:, None] | aside)) & ~same_group
    return found | (same_theme & (coarse[:, None] | coarse)) | torch.eye(len(tasks), dtype=torch.bool)


def _means(texts: Sequence[Sequence[str]], batcher: Batcher, tokenizer: WordPiece) -> Tensor:
    chosen = [each[:_TEXTS] for each in texts]
    with torch.no_grad():
        vectors = batcher([tokenizer.encode(text, limit=48) for each in chosen for text in each]).cpu()
    rows = torch.stack([part.mean(0) for part in vectors.split([len(each) for each in chosen])])
    return torch.nn.functional.normalize(rows, dim=-1)


def _numbers(keys: Sequence[str]) -> Tensor:
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return torch.tensor([places[key] for key in keys])
