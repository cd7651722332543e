"""What was said: the part of a request that the router reads."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["user", "assistant"]


class Turn(msgspec.Struct, frozen=True):
    """One message with text in it."""

    role: Role
    text: str


class Conversation(msgspec.Struct, frozen=True):
    """User and assistant turns in order, oldest first; system, tool and text-less messages are already left out."""

    turns: tuple[Turn, ...]

    @property
    def has_user_turn(self) -> bool:
        """Is there anything to route by?"""
        turns = self.turns
        return bool(turns) and (turns[-1].role == "user" or "user" in [turn.role for turn in turns])
