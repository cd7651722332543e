"""How many bytes a token has and how long answers are: learned from what providers count."""

from __future__ import annotations

from collections.abc import Mapping

from plano.domain.usage import Served

REMEMBERED = 1_024
WINDOW = 50
"""Answers that a mean stands for."""

FEWEST = 5
"""Answers before a mean is believed."""

FEWEST_PROMPT_TOKENS = 16
"""In a shorter prompt the form of the request outweighs its text."""

_LEAST, _MOST = 0.5, 32.0
"""Bytes of a token between which a count is believed."""


class _Means:
    """Means by name; bounded, the name met first leaves."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._means: dict[str, float] = {}

    def add(self, name: str, value: float) -> None:
        count = self._counts.get(name)
        if count is None:
            if len(self._counts) >= REMEMBERED:
                oldest = next(iter(self._counts))
                del self._counts[oldest], self._means[oldest]
            self._counts[name], self._means[name] = 1, value
            return
        self._counts[name] = count = count + 1
        mean = self._means[name]
        self._means[name] = mean + (value - mean) / (count if count < WINDOW else WINDOW)

    def believed(self) -> Mapping[str, float]:
        return {name: self._means[name] for name, count in self._counts.items() if count >= FEWEST}


class Lengths:
    """Bytes per token by model, and tokens of an answer by route."""

    def __init__(self) -> None:
        self._bytes_per_token = _Means()
        self._output_tokens = _Means()

    def learn(self, served: Served) -> None:
        """Takes one answer into account."""
        prompt, answer = served.usage.input_tokens, served.usage.output_tokens
        if prompt is not None and prompt >= FEWEST_PROMPT_TOKENS:
            ratio = served.prompt_bytes / prompt
            if _LEAST <= ratio <= _MOST:
                self._bytes_per_token.add(served.model, ratio)
        if answer is not None and served.route is not None:
            self._output_tokens.add(served.route, answer)

    def bytes_per_token(self) -> Mapping[str, float]:
        """By model, once five answers agree on it; frozen."""
        return self._bytes_per_token.believed()

    def output_tokens(self) -> Mapping[str, float]:
        """By route, once it had five answers; frozen."""
        return self._output_tokens.believed()
