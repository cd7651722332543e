"""A value that must not be seen by accident, and what is done about texts in which one may stand."""

from __future__ import annotations

import hashlib
import re
from typing import Final

MASK: Final = "***"

SHORTEST_SECRET: Final = 8
"""Characters; a shorter one is looked for as a word of its own, or not at all: it would garble every text."""

KEY_SHAPES: Final = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|key)[-_]|AIza)[A-Za-z0-9_\-*.]{6,}|(?<=Bearer )[A-Za-z0-9._\-]{8,}"
)
"""What looks like a key, whoever gave it out."""


class Secret:
    """A key. Printing, formatting or serialising it shows ``***``; only ``reveal()`` gives the value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the upstream client, and for nobody else."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell two keys apart without showing either."""
        return hashlib.sha256(b"plano-key\x1f" + self._value.encode()).hexdigest()[:8]

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not serialised")
