"""What one request would cost and take at one model, from what was learned of models and routes."""

from __future__ import annotations

from math import ceil

from plano.catalog.cost import plain_cost
from plano.domain.decision import Expected
from plano.domain.request import Needs
from plano.domain.snapshot import Pace, Quote, Snapshot

BYTES_PER_TOKEN = 4.0
"""English text in any of today's tokenizers, within a fifth."""

MEDIA_TOKENS = 1_000
"""An image, a page or a minute of sound: the right order of magnitude for every provider that says."""

SMALLEST = 256
"""Bytes; the form of a request alone takes half of them."""

_STEPS_BITS = 3


def rounded_up(prompt_bytes: int) -> int:
    """A size that stands for all sizes up to 14 % below it: rankings of like requests are then the same ones."""
    if prompt_bytes <= SMALLEST:
        return SMALLEST
    shift = prompt_bytes.bit_length() - _STEPS_BITS - 1
    return -(-prompt_bytes >> shift) << shift


def input_tokens(model: str, needs: Needs, snapshot: Snapshot) -> int:
    """Estimated tokens of the prompt: learned bytes per token, else 4, and 1,000 for each part that is no text."""
    text = ceil(needs.prompt_bytes / snapshot.bytes_per_token.get(model, BYTES_PER_TOKEN))
    return text + needs.media_parts * MEDIA_TOKENS if needs.media_parts else text


def output_tokens(route: str | None, needs: Needs, snapshot: Snapshot) -> int | None:
    """Expected tokens of the answer: the mean of the route within the caller's limit, None before it is learned."""
    learned = None if route is None else snapshot.output_tokens.get(route)
    if learned is None:
        return None
    limit = needs.max_output_tokens
    return round(learned) if limit is None else min(round(learned), limit)


def expected(prompt: int, answer: int | None, quote: Quote | None, pace: Pace | None) -> Expected:
    """The expected cost and time of so many tokens, None where the length, the price or the pace is unknown."""
    if answer is None:
        return Expected(prompt)
    usd = seconds = None
    if quote is not None and quote.price is not None:
        usd = plain_cost(prompt, answer, quote.price)
    if pace is not None and pace.tpot_s is not None:
        seconds = pace.value + (answer - 1 if answer > 1 else 0) * pace.tpot_s
    return Expected(prompt, answer, usd, seconds)
