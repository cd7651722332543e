"""Trains the layer that reads a request and a route together, and writes it as a safetensors checkpoint.

Usage: python compare.py CHECKPOINT_FOLDER CORPUS_FOLDER ENCODER_FILE OUTPUT_FILE [--start FILE] [--minutes N]

ENCODER_FILE: the weights that ship; they stay as they are. The layer starts as a copy of their top layer, which sees
one text at a time, and learns to see two (as MacAvaney et al. 2020, arXiv 2004.14255, do with more layers). Losses: a
softmax over the routes of a list and none, and a yes or no for the right route and the best wrong one.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from data import material
from model import LAYERS, WIDTH, Batcher, Encoder
from overlap import overlaps
from pairs import EARLIER, LAST, ROUTE, Compared, Lists, Readings
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from plano.intent.spelling import Speller
from plano.intent.wordpiece import WordPiece

RATE, HEAD_RATE, WARM, DECAY = 1e-4, 1e-3, 0.05, 0.01
LISTS = 48
DECISION_WEIGHT = 0.5
HIDDEN, DROPOUT = 128, 0.1
CHUNK_TOKENS = 3000


class Comparer(nn.Module):
    """Token states of a request and of a route to one logit: does the route want the request?"""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.layer = copy.deepcopy(encoder.encoder["layer"][LAYERS - 1])  # type: ignore[index]
        self.segments = nn.Parameter(torch.randn(3, WIDTH) * 0.02)
        self.hidden = nn.Linear(4 * WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)
        self.scale = nn.Parameter(torch.tensor(10.0))
        nn.init.zeros_(self.out.weight)
        nn.init.constant_(self.out.bias, -3.5)

    def forward(self, states: Tensor, segments: Tensor) -> Tensor:
        """``states`` (pairs, tokens, width), ``segments`` (pairs, tokens), -1 for padding, to logits (pairs,)."""
        states = states + self.segments[segments.clamp(min=0)]
        states = self.layer(states, (segments >= 0)[:, None, None, :], 0.0).float()
        said = _mean(states, (segments == LAST) | (segments == EARLIER))
        described = _mean(states, segments == ROUTE)
        first = functional.normalize(states[:, 0], dim=-1)
        shared = said * described
        seen = torch.cat((first, said, described, shared * WIDTH**0.5), dim=-1) * WIDTH**0.5
        hidden = functional.gelu(self.hidden(functional.dropout(seen, DROPOUT, self.training)))
        logits: Tensor = self.out(hidden)[:, 0] + self.scale * shared.sum(-1)
        return logits


def _mean(states: Tensor, chosen: Tensor) -> Tensor:
    return functional.normalize((states * chosen[..., None].float()).sum(1), dim=-1)


def logits(lists: Sequence[Compared], readings: Readings, comparer: Comparer) -> Tensor:
    """One for each route of each list, in their order."""
    pairs = [_pair(each, route, readings) for each in lists for route in each.routes]
    order = sorted(range(len(pairs)), key=lambda place: len(pairs[place][1]))
    parts, start = [], 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * len(pairs[order[end]][1]) <= CHUNK_TOKENS:
            end += 1
        states, segments = zip(*(pairs[place] for place in order[start:end]), strict=True)
        padded = nn.utils.rnn.pad_sequence(list(segments), batch_first=True, padding_value=-1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            parts.append(comparer(nn.utils.rnn.pad_sequence(list(states), batch_first=True), padded).float())
        start = end
    back = torch.empty(len(order), dtype=torch.long)
    back[order] = torch.arange(len(order))
    return torch.cat(parts)[back]


def _pair(compared: Compared, route: int, readings: Readings) -> tuple[Tensor, Tensor]:
    said, described = readings.states[compared.asked.text], readings.states[route]
    last = min(compared.asked.last, len(said))
    segments = [LAST] * (last - 1) + [EARLIER] * (len(said) - last) + [LAST] + [ROUTE] * len(described)
    return torch.cat((said, described)).float(), torch.tensor(segments)


def loss(lists: Sequence[Compared], found: Tensor) -> tuple[Tensor, float]:
    """The loss, and the share of lists answered rightly: none where no logit is above 0."""
    parts = list(found.split([len(each.routes) for each in lists]))
    rows = nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=-torch.inf)
    rows = torch.cat((torch.zeros_like(rows[:, :1]), rows), dim=1)
    wanted = torch.tensor([len(each.routes) if each.wanted else 0 for each in lists])
    own = functional.one_hot(wanted, rows.shape[1]).bool()
    wrong = rows[:, 1:].masked_fill(own[:, 1:], -torch.inf).amax(1)
    right = rows[own & (wanted > 0)[:, None]]
    decision = (functional.softplus(wrong[wrong > -torch.inf]).sum() + functional.softplus(-right).sum()) / len(rows)
    cost = functional.cross_entropy(rows, wanted) + DECISION_WEIGHT * decision
    return cost, float((rows.argmax(1) == wanted).float().mean())


def main() -> None:
    """Trains and writes."""
    options = _options()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    vocabulary = (options.checkpoint / "vocab.txt").read_text(encoding="utf-8")
    tokenizer, speller = WordPiece.parse(vocabulary), Speller(vocabulary.splitlines())
    plain = Encoder.load(options.checkpoint / "model.safetensors").eval()
    encoder = Encoder.load(options.encoder).eval()
    known = material(options.corpus, None)
    readings = Readings(tokenizer)
    overlap = overlaps(known.tasks, Batcher(plain, torch.device("cpu")), tokenizer)
    lists = Lists(known, overlap, readings, speller)
    readings.read(encoder)
    print(f"{len(readings.states)} texts read", flush=True)
    comparer = Comparer(encoder)
    if options.start:
        comparer.load_state_dict(load_file(options.start))
    _train(options, comparer.train(), lists, readings)
    save_file({name: value.contiguous() for name, value in comparer.state_dict().items()}, options.output)


def _train(options: argparse.Namespace, comparer: Comparer, lists: Lists, readings: Readings) -> None:
    layer = list(comparer.layer.parameters())
    head = [part for name, part in comparer.named_parameters() if not name.startswith("layer")]
    optimiser = torch.optim.AdamW(
        [{"params": layer, "weight_decay": DECAY}, {"params": head, "lr": HEAD_RATE, "weight_decay": 0.0}],
        lr=RATE,
        betas=(0.9, 0.98),
    )
    start, step, rights = time.monotonic(), 0, [0.0]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda _: _rate((time.monotonic() - start) / (60 * options.minutes))
    )
    while time.monotonic() - start < 60 * options.minutes:
        chance = Random(options.seed * 1_000_003 + step)
        drawn = [each for each in (lists.draw(chance) for _ in range(LISTS)) if each is not None]
        cost, right = loss(drawn, logits(drawn, readings, comparer))
        optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*layer, *head], 1.0)
        optimiser.step()
        schedule.step()
        step, rights = step + 1, [*rights[-49:], right]
        if step % 50 == 0:
            print(f"step {step} right {sum(rights) / len(rights):.3f} {time.monotonic() - start:.0f} s", flush=True)


def _rate(done: float) -> float:
    if done < WARM:
        return (done + 0.005) / WARM
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min((done - WARM) / (1 - WARM), 1.0)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("checkpoint", "corpus", "encoder", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--start", type=Path, help="layer to go on from")
    parser.add_argument("--minutes", type=float, default=60, help="the rate follows the clock")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
