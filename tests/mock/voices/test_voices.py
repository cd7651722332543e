"""Each dialect as its official client reads it: the mock must be believed before its faults mean anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anthropic
import httpx2
import openai
import pytest

from plano.mock.provider import MockProvider
from plano.mock.said import answer
from plano.mock.voices.table import CHAT, VOICES, voice_at
from plano.mock.voices.voice import Voice

REQUEST = {"model": "m", "messages": [{"role": "user", "content": "say hello"}], "stream": True}
TEXT = "[m #1] This is a mock answer to: say hello"
EVERY = [("chat", CHAT), *VOICES.items()]


@asynccontextmanager
async def mock() -> AsyncIterator[MockProvider]:
    """A provider."""
    provider = MockProvider()
    await provider.start()
    try:
        yield provider
    finally:
        provider.stop()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("path", "voice"), [("/v1/messages?beta=1", VOICES["messages"]), ("/x", CHAT)])
def test_the_path_names_the_dialect(path: str, voice: Voice) -> None:
    """The last part of the path; anything unknown is chat completions."""
    assert voice_at(path) is voice


@pytest.mark.parametrize(("name", "voice"), EVERY)
def test_events_are_whole_and_numbered(name: str, voice: Voice) -> None:
    """Every event is one of the standard, and the numbers of a responses stream have no gap."""
    said = answer(REQUEST, b"x")
    tokens = [voice.token(said, place) for place in range(len(said.tokens))]
    events = [*voice.opening(said), *tokens, *voice.ending(said)]
    documents = [json.loads(event.partition(b"data: ")[2]) for event in events]
    assert all(event.endswith(b"\n\n") and event.count(b"\n\n") == 1 for event in events)
    if name == "responses":
        assert [document["sequence_number"] for document in documents] == list(range(len(events)))


async def test_openai_reads_chat_completions() -> None:
    """The official client, streamed and not."""
    async with mock() as provider, httpx2.AsyncClient(trust_env=False) as http:
        client = openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{provider.port}/v1", api_key="k", http_client=http)
        plain = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "say hello"}])
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "say hello"}], stream=True
        )
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert plain.choices[0].message.content == "".join(pieces) == TEXT


async def test_anthropic_reads_messages() -> None:
    """The official client, streamed and not."""
    async with mock() as provider, httpx2.AsyncClient(trust_env=False) as http:
        client = anthropic.AsyncAnthropic(base_url=f"http://127.0.0.1:{provider.port}", api_key="k", http_client=http)
        ask = {"role": "user", "content": "say hello"}
        plain = await client.messages.create(model="m", max_tokens=9, messages=[ask])  # type: ignore[list-item]
        async with client.messages.stream(model="m", max_tokens=9, messages=[ask]) as stream:  # type: ignore[list-item]
            streamed = await stream.get_final_message()
    for message in (plain, streamed):
        block = message.content[0]
        assert isinstance(block, anthropic.types.TextBlock)
        assert (block.text, message.stop_reason) == (TEXT, "end_turn")


async def test_openai_reads_responses() -> None:
    """The official client, streamed and not."""
    async with mock() as provider, httpx2.AsyncClient(trust_env=False) as http:
        client = openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{provider.port}/v1", api_key="k", http_client=http)
        plain = await client.responses.create(model="m", input="say hello")
        async with client.responses.stream(model="m", input="say hello") as stream:
            streamed = await stream.get_final_response()
    assert plain.output_text == streamed.output_text == TEXT
