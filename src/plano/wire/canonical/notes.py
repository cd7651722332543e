"""What an answer says that not every dialect has a place for."""

from __future__ import annotations

MOST = 64
"""Names that are kept of each sort: an upstream may write any."""


class Notes:
    """Kept while an answer is read, each thing once.

    ``kinds``: of parts that only the upstream's dialect knows. ``members``: paths, with ``[]`` for any index, as they
    stand in a whole answer of the dialect.
    """

    __slots__ = ("kinds", "members")

    def __init__(self) -> None:
        self.kinds: dict[str, None] = {}
        self.members: dict[str, None] = {}

    def kind(self, name: str) -> None:
        """A part of this kind is left out."""
        if len(self.kinds) < MOST:
            self.kinds[name] = None

    def member(self, path: str) -> None:
        """A member that says something and may have no place in the caller's dialect."""
        if len(self.members) < MOST:
            self.members[path] = None
