"""The official clients in their asynchronous form: streams with a tool call and errors, over every pair."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import openai
import pytest

from plano.domain.model import Dialect
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import ALL_PAIRS, CHAT, DIALECTS, MESSAGES

SAID = "Grüße 日本 🙂"
CALL = ("weather", {"city": "Oslo"})
HELLO: Any = [{"role": "user", "content": "hi"}]
SCHEMA: Any = {"type": "object"}


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway, and the provider behind it."""
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        yield gateway, provider


class Clients:
    """One of each, as an application has them."""

    def __init__(self, url: str) -> None:
        self.openai = openai.AsyncOpenAI(api_key="k", base_url=f"{url}/v1", max_retries=0)
        self.anthropic = anthropic.AsyncAnthropic(api_key="k", base_url=url, max_retries=0)

    async def streamed(self, caller: Dialect, model: str) -> tuple[str, str, Any]:
        """Text, name and arguments of the tool call that a stream brings."""
        if caller is MESSAGES:
            tool: Any = {"name": "weather", "input_schema": SCHEMA}
            async with self.anthropic.messages.stream(
                model=model, max_tokens=99, messages=HELLO, tools=[tool]
            ) as events:
                content: Any = (await events.get_final_message()).content
            call = next(block for block in content if block.type == "tool_use")
            return next(block.text for block in content if block.type == "text"), call.name, call.input
        function: Any = {"name": "weather", "parameters": SCHEMA}
        if caller is CHAT:
            async with self.openai.chat.completions.stream(
                model=model, messages=HELLO, tools=[{"type": "function", "function": function}]
            ) as chunks:
                said: Any = (await chunks.get_final_completion()).choices[0].message
            made = said.tool_calls[0].function
            return said.content, made.name, json.loads(made.arguments)
        flat: Any = {"type": "function", "strict": False, **function}
        stream: Any = await self.openai.responses.create(model=model, input="hi", stream=True, tools=[flat])
        items = [event async for event in stream]
        text = "".join(event.delta for event in items if event.type == "response.output_text.delta")
        done = [event.item for event in items if event.type == "response.output_item.done"]
        call = next(item for item in done if item.type == "function_call")
        return text, call.name, json.loads(call.arguments)

    async def close(self) -> None:
        """Lets go of their connections."""
        await self.openai.close()
        await self.anthropic.close()


@asynccontextmanager
async def clients(gateway: Running) -> AsyncIterator[Clients]:
    """They, while they are used."""
    made = Clients(gateway.url)
    try:
        yield made
    finally:
        await made.close()


async def test_streams(both: tuple[Running, Golden]) -> None:
    """All nine at once: text, tool call and its arguments arrive."""
    async with clients(both[0]) as some:
        found = await asyncio.gather(*[some.streamed(caller, MODELS[upstream]) for caller, upstream in ALL_PAIRS])
    assert found == [(SAID, *CALL)] * 9


async def test_errors(both: tuple[Running, Golden]) -> None:
    """A provider's refusal is a bad request for every client, and says what the provider said."""
    gateway, provider = both
    said = {"type": "invalid_request_error", "message": "too hot"}
    provider.instead = (400, json.dumps({"type": "error", "error": said}).encode())
    try:
        async with clients(gateway) as some:
            for caller, upstream in ALL_PAIRS:
                kind = anthropic.BadRequestError if caller is MESSAGES else openai.BadRequestError
                with pytest.raises(kind, match="too hot"):
                    await some.streamed(caller, MODELS[upstream])
    finally:
        provider.instead = None


async def test_one_that_breaks_off(both: tuple[Running, Golden]) -> None:
    """An error in mid-stream is raised, whoever asks and whoever breaks off."""
    gateway, provider = both
    provider.cut_at = 700
    try:
        async with clients(gateway) as some:
            for caller in DIALECTS:
                with pytest.raises((anthropic.APIError, openai.APIError)):
                    await some.streamed(caller, MODELS[MESSAGES])
    finally:
        provider.cut_at = None
