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


class _Mean:
    """Of ``count`` values; from ``WINDOW`` of them on the older ones weigh less and less."""

    __slots__ = ("count", "value")

    def __init__(self, value: float) -> None:
        self.count = 1
        self.value = value


class _Means:
    """Means by name; bounded, the name met first leaves."""

    def __init__(self) -> None:
        self._known: dict[str, _Mean] = {}

    def add(self, name: str, value: float) -> None:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[name] = _Mean(value)
            return
        known.count += 1
        known.value += (value - known.value) / (known.count if known.count < WINDOW else WINDOW)

    def believed(self) -> Mapping[str, float]:
        return {name: mean.value for name, mean in self._known.items() if mean.count >= FEWEST}


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
