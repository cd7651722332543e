"""Which dialect a path is for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from plano.mock.voices.chat import ChatVoice
from plano.mock.voices.messages import MessagesVoice
from plano.mock.voices.responses import ResponsesVoice
from plano.mock.voices.voice import Voice

CHAT = ChatVoice()

VOICES: Mapping[str, Voice] = MappingProxyType({"messages": MessagesVoice(), "responses": ResponsesVoice()})
"""By the last part of the path; any other path is one of chat completions."""


def voice_at(path: str) -> Voice:
    """The dialect of a request target."""
    return VOICES.get(path.partition("?")[0].rstrip("/").rpartition("/")[2], CHAT)
