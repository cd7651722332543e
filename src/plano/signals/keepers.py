"""Which model's answer a stored response was: its provider alone can go on from it."""

from __future__ import annotations

REMEMBERED = 16_384


class Keepers:
    """Model names by response id; bounded, the response met first leaves. What is forgotten is not known."""

    def __init__(self) -> None:
        self._models: dict[str, str] = {}

    def note(self, response_id: str, model: str) -> None:
        """The provider of ``model`` keeps the response."""
        if response_id not in self._models and len(self._models) >= REMEMBERED:
            del self._models[next(iter(self._models))]
        self._models[response_id] = model

    def of(self, response_id: str) -> str | None:
        """The model, None when it is not known."""
        return self._models.get(response_id)
