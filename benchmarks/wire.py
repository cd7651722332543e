"""Translation of requests and streams: each pair of dialects, and other translators beside it, in one process.

Every round times each contender once, one after the other, so that a busy moment hits all of them; the figures are
medians over the rounds, and the ratio is the median of the ratios within the rounds. Contenders that are not installed
are left out: llm-babel, martian-linguafranca, litellm.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
from wire_bench import conversations

from plano.domain.model import Dialect
from plano.wire import json_guard
from plano.wire.canonical.echo import Echo
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.stream_translator import StreamTranslator
from plano.wire.dialects.target import Target
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.dialects.translate import translate_request
from plano.wire.dialects.turns import text_turns

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES
TARGETS = {
    CHAT: Target(CHAT, "openai", "gpt-4o", limit_field="max_completion_tokens"),
    MESSAGES: Target(MESSAGES, "anthropic", "claude-sonnet-4"),
    RESPONSES: Target(RESPONSES, "openai", "gpt-4o"),
}
ROUNDS, PER_ROUND = 40, 10
ANSWERING = Answering("openai", "gpt-4o", "id", 1_700_000_000, Echo(wants_usage=True))

_BABEL = ("openai-chat", "anthropic-messages")

Contender = tuple[str, Callable[[], object]]


def chat_stream(*, events: int = 300) -> list[bytes]:
    """A chat stream, one event in each piece."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
        return b"data: " + json.dumps(head | {"choices": choices}).encode() + b"\n\n"

    first = chunk({"role": "assistant", "content": ""})
    return [first, *[chunk({"content": " word"}) for _ in range(events)], chunk({}, "stop"), b"data: [DONE]\n\n"]


def streamed(source: Dialect, target: Dialect, pieces: list[bytes]) -> list[bytes]:
    """What a caller gets."""
    translator = StreamTranslator(source, target, ANSWERING)
    written = [translator.feed(piece) for piece in pieces]
    written.append(translator.close())
    assert translator.is_whole
    return written


def paired(contenders: list[Contender], *, per: int = 1) -> dict[str, list[float]]:
    """Microseconds of each contender in each round, divided by ``per``."""
    taken: dict[str, list[float]] = {name: [] for name, _ in contenders}
    gc.disable()
    for _ in range(ROUNDS):
        for name, work in contenders:
            begin = time.perf_counter_ns()
            for _ in range(PER_ROUND):
                work()
            taken[name].append((time.perf_counter_ns() - begin) / PER_ROUND / 1000 / per)
    gc.enable()
    return taken


def show(title: str, taken: dict[str, list[float]]) -> None:
    """One line for each contender, the first one is what the others are compared with."""
    print(f"\n{title}")
    first = next(iter(taken.values()))
    for name, samples in taken.items():
        ratio = statistics.median([one / base for one, base in zip(samples, first, strict=True)])
        line = f"  {name:34} median {statistics.median(samples):8.2f} µs   least {min(samples):8.2f} µs"
        print(line + f"   {ratio:6.2f} ×")


def pairs(chat: bytes, known: KnownTools | None) -> list[Contender]:
    """Each pair of dialects, of the same conversation."""
    bodies = {CHAT: chat}
    for dialect in (MESSAGES, RESPONSES):
        bodies[dialect] = bytes(translate_request(chat, CHAT, TARGETS[dialect]).body)

    def pair(source: Dialect, target: Dialect) -> Contender:
        return f"{source} → {target}", lambda: translate_request(bodies[source], source, TARGETS[target], known=known)

    return [pair(source, target) for source in bodies for target in bodies if source is not target]


def floor(chat: bytes) -> Contender:
    """What nobody who reads and writes JSON goes below, were it not for shapes."""
    document = msgspec.json.decode(chat)
    return "msgspec reads and writes it, untyped", lambda: (msgspec.json.decode(chat), msgspec.json.encode(document))


def requests() -> None:
    """Each pair, and what parsing alone costs."""
    chat = conversations.mixed()
    title = f"request, {len(chat)} bytes, {chat.count(b'role')} messages, 8 tools"
    show(f"{title}, of an agent: its tools came before", paired([floor(chat), *pairs(chat, KnownTools())]))
    show(f"{title} that never came before", paired([floor(chat), *pairs(chat, None)]))
    for name, made in conversations.OTHERS.items():
        chat = made()
        title = f"{name}: {len(chat)} bytes, {chat.count(b'role')} messages"
        show(title, paired([floor(chat), *pairs(chat, KnownTools())]))
    chat = conversations.mixed()
    document = msgspec.json.decode(chat)
    beside: list[Contender] = [
        ("strict parsing alone (json_guard)", lambda: json_guard.loads(chat)),
        ("text for the router", lambda: text_turns(document, CHAT)),
    ]
    show("around it", paired(beside))


def others(chat: bytes) -> list[Contender]:
    """The same request, chat to messages, by whatever else is installed; bytes in, bytes out."""
    found: list[Contender] = []
    try:
        from llm_transform.registry import canonical_json, translate  # type: ignore[import-untyped]  # noqa: PLC0415

        found.append(("llm-babel", lambda: canonical_json(translate(*_BABEL, json.loads(chat)))))
    except ImportError:
        print("not measured: llm-babel is not installed")
    try:
        import linguafranca  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

        found.append(("martian-linguafranca", lambda: _linguafranca(linguafranca, chat)))
    except ImportError:
        print("not measured: martian-linguafranca is not installed")
    try:
        from litellm.llms.anthropic.chat.transformation import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
            AnthropicConfig,
        )

        found.append(("litellm", lambda: _litellm(AnthropicConfig(), chat)))
    except ImportError:
        print("not measured: litellm is not installed")
    return found


def _linguafranca(module: Any, chat: bytes) -> object:
    names = module.FormatName
    made = module.convert_request_json(
        json.loads(chat), source_format=names.OPENAI_CHAT_COMPLETIONS, target_format=names.ANTHROPIC_MESSAGES
    )
    return json.dumps(made.value).encode()


def _litellm(config: Any, chat: bytes) -> object:
    """What litellm does between its own entry and the HTTP client."""
    body = json.loads(chat)
    model = "claude-sonnet-4-20250514"
    wanted = {"tools": body["tools"], "temperature": body["temperature"], "max_tokens": body["max_tokens"]}
    options = config.map_openai_params(wanted, {}, model, drop_params=True)
    return json.dumps(config.transform_request(model, body["messages"], options, {}, {})).encode()


def other_streams(pieces: list[bytes]) -> list[Contender]:
    """The same stream, chat to messages, by whatever else is installed."""
    found: list[Contender] = []

    def events() -> list[Any]:
        return [json.loads(piece[6:]) for piece in pieces if not piece.startswith(b"data: [DONE]")]

    try:
        from llm_transform.registry import (  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
            canonical_json,
            encode_stream,
            fold_stream,
        )

        def babel() -> object:
            made = encode_stream("anthropic-messages", fold_stream("openai-chat", events()))
            return [f"event: {each['type']}\ndata: {canonical_json(each)}\n\n" for each in made]

        found.append(("llm-babel", babel))
    except ImportError:
        pass
    try:
        import linguafranca  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

        def franca() -> object:
            names = linguafranca.FormatName
            made = linguafranca.convert_response_stream_json(
                events(), source_format=names.OPENAI_CHAT_COMPLETIONS, target_format=names.ANTHROPIC_MESSAGES
            )
            return [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in made]

        found.append(("martian-linguafranca", franca))
    except ImportError:
        pass
    return found


def streams() -> None:
    """Each pair, per event."""
    pieces = {CHAT: chat_stream()}
    for dialect in (MESSAGES, RESPONSES):
        pieces[dialect] = [piece for piece in streamed(CHAT, dialect, pieces[CHAT]) if piece]

    def pair(source: Dialect, target: Dialect) -> Contender:
        return f"{source} → {target}", lambda: streamed(source, target, pieces[source])

    each = [pair(source, target) for source in pieces for target in pieces if source is not target]
    count = len(pieces[CHAT])
    show(f"stream, per event of {count}", paired(each, per=count))
    ours = pair(CHAT, MESSAGES)
    show("stream, chat → messages, beside others, per event", paired([ours, *other_streams(pieces[CHAT])], per=count))


def main() -> int:
    """Prints all of it."""
    requests()
    chat = conversations.mixed()
    known = KnownTools()
    ours: Contender = ("plano", lambda: translate_request(chat, CHAT, TARGETS[MESSAGES], known=known))
    show("chat → messages, beside others", paired([ours, *others(chat)]))
    streams()
    return 0


if __name__ == "__main__":
    sys.exit(main())
