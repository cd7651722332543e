"""How many bytes a token has and how long answers are: learned from what providers count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from plano.domain.usage import Served

REMEMBERED = 1_024
WINDOW = 50.0
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

    def __init__(self) -> None:
        self.count = 0.0
        self.value = 0.0


class _Means:
    """Means by name; bounded, the name met first leaves."""

    def __init__(self) -> None:
        self._known: dict[str, _Mean] = {}

    def add(self, name: str, values: Sequence[float]) -> None:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            known = self._known[name] = _Mean()
        count, mean = known.count, known.value
        for value in values:
            count += 1.0
            mean += (value - mean) / (count if count < WINDOW else WINDOW)
        known.count, known.value = count, mean

    def believed(self) -> Mapping[str, float]:
        return {name: mean.value for name, mean in self._known.items() if mean.count >= FEWEST}


class Lengths:
    """Bytes per token by model, and tokens of an answer by route."""

    def __init__(self) -> None:
        self._bytes_per_token = _Means()
        self._output_tokens = _Means()

    def learn(self, answers: Iterable[Served]) -> None:
        """Takes answers into account, in order."""
        ratios: dict[str, list[float]] = {}
        tokens: dict[str, list[float]] = {}
        for each in answers:
            prompt, answer = each.usage.input_tokens, each.usage.output_tokens
            if prompt is not None and prompt >= FEWEST_PROMPT_TOKENS:
                ratio = each.prompt_bytes / prompt
                if _LEAST <= ratio <= _MOST:
                    ratios.setdefault(each.model, []).append(ratio)
            if answer is not None and each.route is not None:
                tokens.setdefault(each.route, []).append(answer)
        for model, seen in ratios.items():
            self._bytes_per_token.add(model, seen)
        for route, seen in tokens.items():
            self._output_tokens.add(route, seen)

    def bytes_per_token(self) -> Mapping[str, float]:
        """By model, once five answers agree on it; frozen."""
        return self._bytes_per_token.believed()

    def output_tokens(self) -> Mapping[str, float]:
        """By route, once it had five answers; frozen."""
        return self._output_tokens.believed()
