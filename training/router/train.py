"""Trains an encoder of the router, and writes it as a safetensors checkpoint.

Usage: python train.py CHECKPOINT_FOLDER CORPUS_FOLDER OUTPUT_FILE [--labelled FOLDER] [--steps N] [--seed N]
    [--grams FILE --pieces FOLDER]

With ``--grams`` it is the second encoder (grams.py) that is trained, else the transformer.
CHECKPOINT_FOLDER: model.safetensors and vocab.txt of all-MiniLM-L6-v2. Word, place and norm vectors of the input stay
as they are. Losses: a softmax over the routes of a policy and none, and a yes or no for the best right and the best
wrong route of it (Offer); the contrastive loss over all routes of the batch (Contrast; van den Oord 2018, arXiv
1807.03748). None is one learned cosine. In a softmax it loses as the routes become more; the yes or no keeps it apart
from their number.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from data import material
from grams import Encoder as GramEncoder
from grams import Pieces
from model import Batcher, Encoder
from overlap import overlaps
from policies import Batch, Maker
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from plano.intent.encoders.wordpiece import WordPiece
from plano.intent.wording import shipped

RATE, HEAD_RATE, WARM, DECAY = 6e-5, 5e-3, 0.06, 0.01
CONTRAST_WEIGHT = 0.4
DECISION_WEIGHT = 0.5
REQUEST_TOKENS, CONTEXT_TOKENS, ROUTE_TOKENS = 80, 96, 56
SHORT, LONG, LEAST, MOST = 10, 80, 0.25, 0.75


class Head(nn.Module):
    """What turns cosines into logits: two scales, and the cosine at which none is as likely as a route."""

    def __init__(self) -> None:
        super().__init__()
        self.offer_scale = nn.Parameter(torch.tensor(math.log(16.0)))
        self.contrast_scale = nn.Parameter(torch.tensor(math.log(20.0)))
        self.none = nn.Parameter(torch.tensor(0.3))


def cosines(batch: Batch, batcher: Batcher, tokenizer: WordPiece | Pieces) -> Tensor:
    """(requests, routes): the views of a request weighted as the router weighs them."""
    contexts = [views[1] for views in batch.requests if len(views) > 1]
    texts = [tokenizer.encode(views[0], limit=REQUEST_TOKENS) for views in batch.requests]
    texts += [tokenizer.encode(text, limit=CONTEXT_TOKENS) for text in contexts]
    texts += [tokenizer.encode(text, limit=ROUTE_TOKENS) for text in batch.routes]
    last, context, routes = batcher(texts).split([len(batch.requests), len(contexts), len(batch.routes)])
    shares = torch.tensor([_share(views[0]) if len(views) > 1 else 1.0 for views in batch.requests], device=last.device)
    rows = torch.tensor(
        [row for row, views in enumerate(batch.requests) if len(views) > 1], device=last.device, dtype=torch.long
    )
    found = (last @ routes.T) * shares[:, None]
    return found.index_add(0, rows, (context @ routes.T) * (1 - shares[rows])[:, None])


def loss(batch: Batch, similar: Tensor, head: Head) -> tuple[Tensor, float]:
    """The loss of a batch, and the share of offers answered rightly."""
    requests = torch.tensor([offer.request for offer in batch.offers], device=similar.device)
    logits = similar[requests]
    hidden = _hidden(logits.shape, [offer.routes for offer in batch.offers], keep=True).to(similar.device)
    logits = (logits - head.none) * head.offer_scale.exp()
    logits = torch.cat((logits.masked_fill(hidden, -torch.inf), torch.zeros_like(logits[:, :1])), dim=1)
    none = similar.shape[1]
    wanted = torch.tensor(
        [none if offer.wanted is None else offer.wanted for offer in batch.offers], device=similar.device
    )
    offered = functional.cross_entropy(logits, wanted) + DECISION_WEIGHT * _decision(logits, wanted)
    rows = torch.tensor([contrast.request for contrast in batch.contrasts], device=similar.device)
    own = torch.tensor([contrast.route for contrast in batch.contrasts], device=similar.device)
    ignored = [[place for place in contrast.ignored if place != contrast.route] for contrast in batch.contrasts]
    whole = (similar[rows, : batch.compared] * head.contrast_scale.exp()).masked_fill(
        _hidden((len(rows), batch.compared), ignored, keep=False).to(similar.device), -torch.inf
    )
    contrasted = functional.cross_entropy(whole, own) + functional.cross_entropy(
        whole[:, own].T, torch.arange(len(own), device=own.device)
    )
    right = float((logits.argmax(1) == wanted).float().mean())
    return offered + CONTRAST_WEIGHT * contrasted / 2, right


def _decision(logits: Tensor, wanted: Tensor) -> Tensor:
    """How wrong a threshold of 0 is: the wanted route should pass it, the best of the others should not."""
    none = logits.shape[1] - 1
    routes = logits[:, :none]
    own = functional.one_hot(wanted, none + 1)[:, :none].bool()
    passed = functional.softplus(-logits[wanted != none].gather(1, wanted[wanted != none, None]))
    others = routes.masked_fill(own, -torch.inf).amax(dim=1)
    return (passed.sum() + functional.softplus(others[others > -torch.inf]).sum()) / len(logits)


def _hidden(shape: Sequence[int], places: Sequence[Sequence[int]], *, keep: bool) -> Tensor:
    mask = torch.full(tuple(shape), keep)
    for row, columns in enumerate(places):
        mask[row, list(columns)] = not keep
    return mask


def _share(text: str) -> float:
    return LEAST + (MOST - LEAST) * min(max((len(text) - SHORT) / (LONG - SHORT), 0.0), 1.0)


def main() -> None:
    """Trains and writes."""
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plain = Encoder.load(options.checkpoint / "model.safetensors").to(device)
    tokenizer = WordPiece.read(options.checkpoint / "vocab.txt")
    encoder = _second(options) if options.grams else _first(options, plain)
    known = material(options.corpus, options.labelled, seen=options.seen)
    batcher = Batcher(encoder.to(device), device)
    speller = shipped.speller(shipped.words())
    maker = Maker(known, overlaps(known.tasks, Batcher(plain.eval(), device), tokenizer), speller)
    print(
        f"{len(known.tasks)} tasks, {len(known.dialogues)} dialogues, {len(known.sets)} policies of sets, {device}",
        flush=True,
    )
    head = Head().to(device)
    reader = Pieces(options.pieces / "pieces.model") if options.grams else tokenizer
    _train(options, batcher, reader, maker, head)
    save_file({name: value.contiguous().cpu() for name, value in encoder.state_dict().items()}, options.output)


def _first(options: argparse.Namespace, plain: Encoder) -> Encoder:
    """The transformer, without what stays as it is."""
    encoder = Encoder.load(options.start) if options.start else plain
    encoder.embeddings.requires_grad_(False)
    for layer in list(encoder.encoder["layer"])[: options.frozen]:
        layer.requires_grad_(False)
    return encoder


def _second(options: argparse.Namespace) -> GramEncoder:
    return GramEncoder.load(options.pieces / "pieces.npy", options.start or options.grams)


def _train(
    options: argparse.Namespace, batcher: Batcher, tokenizer: WordPiece | Pieces, maker: Maker, head: Head
) -> None:
    trained = [part for part in batcher.encoder.parameters() if part.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": trained, "weight_decay": DECAY},
            {"params": list(head.parameters()), "lr": HEAD_RATE, "weight_decay": 0.0},
        ],
        lr=options.rate,
        betas=(0.9, 0.98),
    )
    start = time.monotonic()

    def done(step: int) -> float:
        return (time.monotonic() - start) / (60 * options.minutes) if options.minutes else step / options.steps

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(done(step)))
    batcher.encoder.train()
    costs, rights = [], []
    for step in range(min(options.steps, options.stop)):
        if done(step) >= 1:
            break
        batch = maker.batch(options.seed * 1_000_003 + step)
        cost, right = loss(batch, cosines(batch, batcher, tokenizer), head)
        optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        costs.append(float(cost.detach()))
        rights.append(right)
        if (step + 1) % options.report == 0:
            seconds = time.monotonic() - start
            means = (sum(part[-options.report :]) / options.report for part in (costs, rights))
            print(
                f"step {step + 1} loss {next(means):.3f} right {next(means):.3f} none {float(head.none):.3f} "
                f"scale {float(head.offer_scale.exp()):.1f} {seconds:.0f} s",
                flush=True,
            )
            part = {name: value.contiguous().cpu() for name, value in batcher.encoder.state_dict().items()}
            save_file(part, options.output.with_suffix(f".{step + 1}.part"))


def _rate(done: float) -> float:
    """The share of the full rate: up to it in a line, then down to 2 % along a cosine."""
    if done < WARM:
        return (done + 0.002) / WARM
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--grams", type=Path, help="train the second encoder instead, from these published weights")
    parser.add_argument("--pieces", type=Path, help="the folder that pieces.py wrote")
    parser.add_argument("--labelled", type=Path, help="folder of labelled sets whose dev splits are trained on too")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from, instead of the plain one")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--minutes", type=float, help="let the rate follow the clock, and end after so many minutes")
    parser.add_argument("--stop", type=int, default=1_000_000, help="end after so many steps, before the rate is down")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seen", type=float, default=1.0, help="share of the tasks to train on, for learning curves")
    parser.add_argument("--rate", type=float, default=RATE, help="the highest rate of the encoder")
    parser.add_argument("--frozen", type=int, default=0, help="how many layers, from the first on, stay as they are")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()
