"""A whole answer, told as the stream that its caller asked for: some hosts do not stream, or not always."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from plano.domain.model import Dialect
from plano.wire.canonical.answer import Answer, AnswerBlock
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.canonical.request import Reasoning, Text, ToolCall
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.chat import answer as chat_answer
from plano.wire.dialects.chat import stream as chat
from plano.wire.dialects.messages import answer as messages_answer
from plano.wire.dialects.messages import stream as messages
from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.responses import answer as responses_answer
from plano.wire.dialects.responses import events as responses
from plano.wire.dialects.stream import Encoder

_CODECS: dict[Dialect, tuple[Callable[[bytes, Answering], Answer], Callable[[Answering], Encoder]]] = {
    Dialect.OPENAI_CHAT: (chat_answer.decode, chat.Encoder),
    Dialect.ANTHROPIC_MESSAGES: (messages_answer.decode, messages.Encoder),
    Dialect.OPENAI_RESPONSES: (responses_answer.decode, responses.Encoder),
}


def as_stream(body: bytes, dialect: Dialect, answering: Answering) -> bytes:
    """The events of a whole answer, its end included. Raises BadAnswer for one that cannot be read, or told so."""
    decode, encoder = _CODECS[dialect]
    answer = decode(body, answering)
    if chat_answer.FURTHER_CHOICES in answer.notes.members:
        raise BadAnswer("the provider's answer has more than one choice, and is no stream")
    write = encoder(answering).write
    return b"".join([write(event) for event in _events(answer)])


def _events(answer: Answer) -> Iterator[Event]:
    yield Begin(answer.id, answer.model, answer.created_s, answer.usage, answer.service_tier)
    logprobs = answer.logprobs
    for number, block in enumerate(answer.blocks):
        yield _opened(number, block)
        text = block.arguments if isinstance(block, ToolCall) else block.text
        if text:
            yield Delta(number, text, logprobs if isinstance(block, Text) else None)
            logprobs = None if isinstance(block, Text) else logprobs
        if isinstance(block, Reasoning) and block.seal is not None:
            yield Sealed(number, block.seal, block.maker, block.is_hidden)
        yield Closed(number)
    yield Finished(answer.finish, answer.usage)


def _opened(number: int, block: AnswerBlock) -> Opened:
    if isinstance(block, ToolCall):
        return Opened(number, "custom_call" if block.is_custom else "tool_call", block.id, block.name)
    kind: BlockKind = "text" if isinstance(block, Text) else "reasoning" if isinstance(block, Reasoning) else "refusal"
    return Opened(number, kind)
