"""What is written is read again: answers by each codec, conversations through another dialect."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.wire.canonical.answer import Answer, Finish
from plano.wire.canonical.request import Reasoning, Refusal, Text, ToolCall
from plano.wire.dialects.chat import answer as chat
from plano.wire.dialects.messages import answer as messages
from plano.wire.dialects.responses import answer as responses
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, answering, minimal, same, translated

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | WORDS, lambda inner: st.lists(inner, max_size=2))
ARGUMENTS = st.dictionaries(WORDS, VALUES, max_size=2).map(lambda value: msgspec.json.encode(value).decode())
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
CALLS = st.builds(ToolCall, id=NAMES, name=NAMES, arguments=ARGUMENTS)
COUNTS = st.integers(0, 10**6)
USAGE = st.builds(Usage, COUNTS.map(lambda count: count + 2 * 10**6), COUNTS, COUNTS, COUNTS, COUNTS)
REASONS = {
    CHAT: ["stop", "length", "content_filter"],
    MESSAGES: ["stop", "stop_sequence", "length", "context_window", "content_filter", "pause"],
    RESPONSES: ["stop", "length", "content_filter"],
}
CODECS: dict[Dialect, Any] = {CHAT: chat, MESSAGES: messages, RESPONSES: responses}


def thoughts(dialect: Dialect) -> st.SearchStrategy[Reasoning]:
    """A thought as the dialect has it, with or without a proof of its own maker."""
    seals = {CHAT: WORDS, MESSAGES: WORDS, RESPONSES: WORDS.map(lambda word: f"rs_1:{word}")}[dialect]
    sealed = st.builds(Reasoning, WORDS, seals, st.just(answering(dialect).provider))
    return st.builds(Reasoning, WORDS) if dialect is CHAT else st.builds(Reasoning, WORDS) | sealed


@st.composite
def answers(draw: st.DrawFn, dialect: Dialect) -> Answer:
    """An answer that the dialect can express: chat has one text and its calls behind it."""
    texts, calls = st.builds(Text, WORDS), draw(st.lists(CALLS, max_size=3))
    blocks: list[Any]
    if dialect is CHAT:
        blocks = [draw(thoughts(dialect)), draw(texts), *draw(st.lists(st.builds(Refusal, WORDS), max_size=1)), *calls]
    else:
        blocks = list(draw(st.permutations([*draw(st.lists(texts | thoughts(dialect), max_size=4)), *calls])))
    reason = "tool_calls" if calls else draw(st.sampled_from(REASONS[dialect]))
    sequence = draw(WORDS) if reason == "stop_sequence" else None
    created_s = None if dialect is MESSAGES else draw(COUNTS)
    return Answer("id-1", "model-1", tuple(blocks), Finish(reason, sequence), draw(USAGE), created_s)


@pytest.mark.parametrize("dialect", list(CODECS))
@given(data=st.data())
def test_an_answer_is_read_as_it_was_written(dialect: Dialect, data: st.DataObject) -> None:
    """decode(encode(x)) == x, proofs unmarked in their maker's own dialect."""
    answer = data.draw(answers(dialect))
    written = CODECS[dialect].encode(own(answer), answering(dialect))
    read = CODECS[dialect].decode(written, answering(dialect))
    changed = {"id": f"resp_{answer.id}", "service_tier": "default"} if dialect is RESPONSES else {}
    assert msgspec.structs.replace(read, notes=answer.notes) == msgspec.structs.replace(owned(answer), **changed)


def own(answer: Answer) -> Answer:
    """The answer as its maker would write it: proofs bear no name."""
    blocks = [
        msgspec.structs.replace(block, maker=None, seal=bare(block.seal)) if isinstance(block, Reasoning) else block
        for block in answer.blocks
    ]
    return msgspec.structs.replace(answer, blocks=tuple(blocks))


def bare(seal: str | None) -> str | None:
    """What is encrypted, without the id of its item."""
    return seal.removeprefix("rs_1:") if seal is not None else None


def owned(answer: Answer) -> Answer:
    """The answer with item ids where the codec puts them."""
    blocks = []
    for index, block in enumerate(merged(answer.blocks)):
        is_sealed = isinstance(block, Reasoning) and block.seal is not None and block.seal.startswith("rs_1:")
        seal = f"rs_resp_id-1_{index}:{bare(block.seal)}" if is_sealed else None
        blocks.append(msgspec.structs.replace(block, seal=seal) if is_sealed else block)
    return msgspec.structs.replace(answer, blocks=tuple(flat(blocks)))


def merged(blocks: Any) -> list[Any]:
    """Texts that follow each other count as one item."""
    items: list[Any] = []
    for block in blocks:
        if items and isinstance(block, Text) and isinstance(items[-1], list):
            items[-1].append(block)
        else:
            items.append([block] if isinstance(block, Text) else block)
    return items


def flat(items: list[Any]) -> list[Any]:
    """The blocks of items."""
    return [block for item in items for block in (item if isinstance(item, list) else [item])]


SAID = WORDS.filter(str.strip)
IMAGE = {"type": "image_url", "image_url": {"url": "https://e.example/b.png"}}
PART = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, SAID),
    st.just({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
    st.just({"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Turns of both sides, images, and rounds of parallel calls with their results."""
    turns: list[dict[str, Any]] = [{"role": "system", "content": draw(SAID)}] if draw(st.booleans()) else []
    for round_number in range(draw(st.integers(1, 3))):
        content = draw(SAID | st.lists(PART, min_size=1, max_size=3).map(lambda parts: [*parts, IMAGE]))
        turns.append({"role": "user", "content": content})
        count = draw(st.integers(0, 3))
        answer: dict[str, Any] = {"role": "assistant", "content": draw(SAID)}
        if count:
            calls = [(f"c{round_number}_{number}", draw(NAMES), draw(ARGUMENTS)) for number in range(count)]
            answer["tool_calls"] = [
                {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
                for call_id, name, arguments in calls
            ]
        turns.append(answer)
        turns += [
            {"role": "tool", "tool_call_id": call["id"], "content": draw(SAID)} for call in answer.get("tool_calls", ())
        ]
    return turns


@pytest.mark.parametrize("through", [MESSAGES, RESPONSES])
@given(conversation=conversations())
def test_a_conversation_survives_another_dialect(through: Dialect, conversation: list[dict[str, Any]]) -> None:
    """chat -> other -> chat gives the same messages."""
    there = translated(minimal(CHAT, messages=conversation), CHAT, through)
    assert same(translated(there, through, CHAT)["messages"]) == same(conversation)
