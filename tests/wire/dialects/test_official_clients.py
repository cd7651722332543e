"""The official clients put our streams and answers together: what they hand to a program is what the upstream said."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from plano.domain.model import Dialect
from tests.wire.dialects.samples import ANSWERS, CHAT, MESSAGES, PAIRS, RESPONSES, answered, streamed
from tests.wire.dialects.streams import STREAMS, interleaved

SAID = ("Grüße 日本 🙂", "weather", {"city": "Oslo"})
TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
HELLO: Any = [{"role": "user", "content": "hi"}]


def transport(content: bytes, kind: str) -> httpx2.Client:
    """A client whose every answer is this one."""

    def handler(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=content, headers={"content-type": kind})

    return httpx2.Client(transport=httpx2.MockTransport(handler))


def of_anthropic(content: bytes, kind: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="k", base_url="http://x", max_retries=0, http_client=transport(content, kind))


def of_openai(content: bytes, kind: str) -> openai.OpenAI:
    return openai.OpenAI(api_key="k", base_url="http://x", max_retries=0, http_client=transport(content, kind))


def put_together(stream: bytes, dialect: Dialect) -> tuple[str, str, Any]:
    """Text, name and arguments of the call, as the official client's own accumulator gives them."""
    if dialect is MESSAGES:
        with of_anthropic(stream, "text/event-stream").messages.stream(
            model="m", max_tokens=9, messages=HELLO
        ) as events:
            message = events.get_final_message()
        call = next(block for block in message.content if block.type == "tool_use")
        assert message.stop_reason == "tool_use"
        assert message.usage.output_tokens == 7
        return next(block.text for block in message.content if block.type == "text"), call.name, call.input
    if dialect is CHAT:
        client = of_openai(stream, "text/event-stream")
        with client.chat.completions.stream(model="m", messages=HELLO, tools=[TOOL]) as chunks:
            completion = chunks.get_final_completion()
        said = completion.choices[0].message
        assert completion.choices[0].finish_reason == "tool_calls"
        assert completion.usage is not None
        assert completion.usage.completion_tokens == 7
        assert said.tool_calls is not None
        function = said.tool_calls[0].function
        return said.content or "", function.name, json.loads(function.arguments)
    with of_openai(stream, "text/event-stream").responses.stream(model="m", input="hi") as steps:
        response = steps.get_final_response()
    item: Any = next(item for item in response.output if item.type == "function_call")
    assert response.usage is not None
    assert response.usage.output_tokens == 7
    return response.output_text, item.name, json.loads(item.arguments)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_streams_are_put_together(source: Dialect, target: Dialect) -> None:
    """Text, call, end and usage come out of the client's accumulator as they went into the upstream's stream."""
    assert put_together(streamed(STREAMS[source], source, target), target) == SAID


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_interleaved_calls_are_put_together(target: Dialect) -> None:
    """Eight calls whose arguments came in turns: the client has eight calls with their own arguments."""
    stream = streamed(interleaved(8), CHAT, target)
    if target is MESSAGES:
        with of_anthropic(stream, "text/event-stream").messages.stream(
            model="m", max_tokens=9, messages=HELLO
        ) as events:
            found: list[Any] = [(block.name, block.input) for block in events.get_final_message().content]  # type: ignore[union-attr]
    else:
        with of_openai(stream, "text/event-stream").responses.stream(model="m", input="hi") as steps:
            output: Any = steps.get_final_response().output
        found = [(item.name, json.loads(item.arguments)) for item in output]
    assert found == [(f"f{number}", {"n": number}) for number in range(8)]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_answers_are_read(source: Dialect, target: Dialect) -> None:
    """The same for whole answers."""
    body = json.dumps(answered(ANSWERS[source], source, target)).encode()
    if target is MESSAGES:
        message = of_anthropic(body, "application/json").messages.create(model="m", max_tokens=9, messages=HELLO)
        found: Any = [(block.type, getattr(block, "input", None)) for block in message.content]
        assert found == [("thinking", None), ("text", None), ("tool_use", {"city": "Oslo"})]
    elif target is CHAT:
        completion = of_openai(body, "application/json").chat.completions.create(model="m", messages=HELLO)
        calls: Any = completion.choices[0].message.tool_calls
        assert completion.choices[0].message.content == "Let me see."
        assert json.loads(calls[0].function.arguments) == {"city": "Oslo"}
    else:
        response = of_openai(body, "application/json").responses.create(model="m", input="hi")
        assert response.output_text == "Let me see."
        assert [item.type for item in response.output] == ["reasoning", "message", "function_call"]
