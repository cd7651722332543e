"""Streams that break off after any byte, and whether the caller could take a part for the whole."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Literal

from plano.config.load import load_text
from plano.domain.model import Dialect, Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.mock.said import Said
from plano.mock.voices.table import CHAT, VOICES
from plano.mock.voices.voice import Voice
from plano.observe.log import Log
from plano.server.app import App
from plano.signals import breaker
from tests.faults.caller import Got, ask
from tests.faults.cases import APIS, PATHS
from tests.faults.stories import Api, Story, stream_story
from tests.faults.theatre import CONFIG, Router

VOICE_OF: dict[Api, Voice] = {"chat": CHAT, "messages": VOICES["messages"], "responses": VOICES["responses"]}
DIALECT_OF: dict[Api, Dialect] = {
    "chat": Dialect.OPENAI_CHAT,
    "messages": Dialect.ANTHROPIC_MESSAGES,
    "responses": Dialect.OPENAI_RESPONSES,
}
AT_ONCE = 64
"""Requests in progress."""

How = Literal["unended", "closed", "reset"]
HOWS: tuple[How, ...] = ("unended", "closed", "reset")
"""A chunked body without its end, a body that only the close of the connection ends, a reset."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What an upstream of one dialect says, and from which byte on nobody may call it cut.

    ``whole_from``: the terminal event is there with its blank line.
    """

    api: Api
    body: bytes
    text: str
    whole_from: int


@dataclass(frozen=True, slots=True)
class Cut:
    """One request and its broken answer: ``caller`` asks, the upstream says ``stream`` up to byte ``at``."""

    stream: Stream
    caller: Api
    at: int
    how: How

    @property
    def is_whole(self) -> bool:
        """Is the terminal event there? Where the body ends in order, the line end of its data is enough."""
        return self.at >= self.stream.whole_from - (self.how == "closed")


def stream_of(api: Api, text: str) -> Stream:
    """The stream of a text, a token a word."""
    said, voice = _said(text), VOICE_OF[api]
    tokens = [voice.token(said, place) for place in range(len(said.tokens))]
    before = b"".join((*voice.opening(said), *tokens, *voice.ending(said)))
    return Stream(api, before + b"".join(voice.farewell(said)), text, whole_from=len(before))


def _said(text: str) -> Said:
    first, *rest = text.split(" ")
    return Said("0" * 24, "m", (first, *(f" {word}" for word in rest)), 5, is_stream=True)


async def broken(cuts: Iterable[Cut]) -> list[tuple[Cut, str]]:
    """The cuts that were told wrongly, each with what was wrong; all go through one gateway."""
    server = _Server()
    await server.start()
    settings = load_text(CONFIG, {})
    models = ModelTable({model.name: model for model in server.models()})
    app = App(replace(settings, models=models), log=Log(None), classifier=Router())
    await app.start()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, cut: Cut) -> tuple[Cut, str] | None:
        async with places:
            server.cuts[number] = cut
            body = _request(cut.caller, f"{cut.stream.api}/m", number)
            got = await ask(app.ports[0], PATHS[cut.caller], body, {})
            wrong = _wrong(cut, got)
            return None if wrong is None else (cut, wrong)

    patient, breaker.FAILURES_IN_A_ROW = breaker.FAILURES_IN_A_ROW, 1 << 60
    try:
        found = await asyncio.gather(*[one(number, cut) for number, cut in enumerate(cuts)])
    finally:
        breaker.FAILURES_IN_A_ROW = patient
        app.close()
        server.close()
        await asyncio.sleep(0.05)
    return [each for each in found if each is not None]


def _request(api: Api, model: str, number: int) -> bytes:
    turns = [{"role": "user", "content": "hi"}]
    asked = {"input": turns} if api == "responses" else {"messages": turns}
    limit = {"max_tokens": 100} if api == "messages" else {}
    # A number that every dialect passes on says which cut is meant.
    return json.dumps({"model": model, "stream": True, "temperature": number / 2**20, **asked, **limit}).encode()


def _wrong(cut: Cut, got: Got) -> str | None:
    """What is wrong with the answer to a cut stream, None when it was told as what it is."""
    if not got.is_whole:
        return "the body of the answer is cut"
    if got.status != 200:
        return None if not cut.is_whole and b'"code":"upstream_' in got.body else f"status {got.status}"
    story = stream_story(cut.caller, got.body)
    if story.malformed:
        return "an event that cannot be read"
    is_success = story.terminals > 0 and not story.errors
    if is_success and not cut.is_whole:
        return "a part was told as the whole"
    if cut.is_whole:
        return _unlike(cut, story)
    return None if _ends_with_error(story) else "neither an end nor an error"


def _unlike(cut: Cut, story: Story) -> str | None:
    """A whole answer is told as one."""
    is_right = (story.text, story.terminals, len(story.errors)) == (cut.stream.text, 1, 0)
    return None if is_right else "the whole was told as a part"


def _ends_with_error(story: Story) -> bool:
    return story.terminals == 0 and not story.is_done and len(story.errors) == 1


class _Server:
    """Plays the cuts, by the number in the request."""

    def __init__(self) -> None:
        self.cuts: dict[int, Cut] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def models(self) -> list[Model]:
        """One model for each dialect."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        origin = Origin("http", "127.0.0.1", port)
        return [
            Model(f"{api}/m", api, "m", Endpoint(origin, "/", "x", dialect=DIALECT_OF[api], key=Secret("k")))
            for api in APIS
        ]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A connection may be opened and never used: it is closed here as well, when the test ends.
        with closing(writer), suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            cut = self.cuts[round(json.loads(await reader.readexactly(size))["temperature"] * 2**20)]
            sent = cut.stream.body[: cut.at]
            framing = b"connection: close\r\n" if cut.how == "closed" else b"transfer-encoding: chunked\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n" + framing + b"\r\n")
            if cut.how != "closed" and sent:
                sent = b"%x\r\n%b\r\n" % (len(sent), sent)
            writer.write(sent)
            if cut.how == "reset":
                await asyncio.sleep(0.01)
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
