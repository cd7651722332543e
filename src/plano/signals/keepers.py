"""Who made what a caller may send back: stored responses, and proofs of thoughts."""

from __future__ import annotations

from typing import Generic, TypeVar

from plano.domain.issued import Issued
from plano.domain.model import Model

REMEMBERED = 16_384

Key = TypeVar("Key", str, int)


class _Names(Generic[Key]):
    """Names by key; bounded, the key met first leaves."""

    def __init__(self) -> None:
        self._names: dict[Key, str] = {}

    def put(self, key: Key, name: str) -> None:
        if key not in self._names and len(self._names) >= REMEMBERED:
            del self._names[next(iter(self._names))]
        self._names[key] = name

    def get(self, key: Key) -> str | None:
        return self._names.get(key)


class Keepers:
    """What is forgotten is not known; of proofs only their hashes are kept."""

    def __init__(self) -> None:
        self._models: _Names[str] = _Names()
        self._providers: _Names[int] = _Names()

    def note(self, issued: Issued, model: Model) -> None:
        """``model`` answered with these."""
        if issued.response_id is not None:
            self._models.put(issued.response_id, model.name)
        for proof in issued.proofs:
            self._providers.put(hash(proof), model.provider)

    def of(self, response_id: str) -> str | None:
        """The name of the model whose provider keeps a response, None when it is not known."""
        return self._models.get(response_id)

    def maker(self, proof: str) -> str | None:
        """The provider that made a proof, None when it is not known."""
        return self._providers.get(hash(proof))
