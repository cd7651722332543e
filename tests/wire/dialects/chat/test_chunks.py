"""Chunks of a chat stream as several hosts write them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.chat.chunks import Chunk, words_alone
from plano.wire.dialects.stream_translator import StreamTranslator
from plano.wire.dialects.watching import RelayedStream
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, answering
from tests.wire.dialects.streams import chunk, fed, folded

EMPTY = b"".join(chunk({"content": word}, "") for word in "abc")


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        ({"content": "a"}, "a"),
        ({"content": "a", "refusal": "no"}, None),
        ({"content": "a", "annotations": [{"type": "url_citation"}]}, None),
        ({"content": "a", "function_call": {"name": "f"}}, None),
        ({"content": "a", "reasoning_content": "b"}, None),
        ({"content": [{"type": "text", "text": "a"}]}, None),
        ({"tool_calls": [{"index": 0}]}, None),
    ],
)
def test_words_and_nothing_else(delta: dict[str, Any], words: str | None) -> None:
    """Only a chunk that says nothing beside its words takes the short way."""
    data = chunk(delta, "")[len(b"data: ") :]
    choices = msgspec.json.decode(data, type=Chunk).choices
    assert choices is not None
    assert words_alone(choices) == words


def test_an_empty_reason_to_end_is_none_in_a_relayed_stream() -> None:
    """Every byte passes, and a stream that breaks off is not taken for a whole one."""
    stream = EMPTY + chunk({}, "stop") + b"data: [DONE]\n\n"
    relayed = RelayedStream(CHAT)
    assert relayed.feed(stream) + relayed.close() == stream
    assert relayed.state == "done"
    broken = RelayedStream(CHAT)
    assert broken.feed(EMPTY) == EMPTY
    assert not broken.is_whole


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_an_empty_reason_to_end_is_none_in_translation(target: Dialect) -> None:
    """All words arrive, with the reason that came at last."""
    written, translator = fed(CHAT, target, [EMPTY + chunk({}, "stop")])
    assert (folded(written, target)["text"], folded(written, target)["finish"]) == ("abc", "stop")
    broken = StreamTranslator(CHAT, target, answering(CHAT))
    broken.feed(EMPTY)
    assert not broken.is_whole
    assert translator.is_whole


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_a_call_in_the_form_before_tools(target: Dialect) -> None:
    """Its pieces are a call."""
    pieces = [{"name": "f", "arguments": ""}, {"arguments": '{"a":'}, {"arguments": "1}"}]
    stream = b"".join(chunk({"function_call": piece}) for piece in pieces) + chunk({}, "function_call")
    written, _ = fed(CHAT, target, [stream])
    assert [call[1:] for call in folded(written, target)["calls"]] == [("f", {"a": 1})]
