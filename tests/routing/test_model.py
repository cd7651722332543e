"""A router model over HTTP, played by a server that behaves well, and in all the ways in which one does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from plano.clock import SystemClock
from plano.domain.attempt import Attempt, Outcome, Refused
from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Intent, Question, RouterDialect
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import Call
from plano.domain.route import Route
from plano.domain.secret import Secret
from plano.domain.usage import Usage
from plano.ports import Answer
from plano.routing.model import LIMITS, RouterModel
from plano.upstream.http import HttpUpstream
from plano.wire.traceparent import TraceContext

from .scripted import (
    Play,
    completion,
    drips,
    echoes,
    hangs,
    http,
    resets,
    says,
    scripted,
    sends,
    sends_and_closes,
)

CODE, CHAT = "code generation", "general questions"
ROUTES = (Route(CODE, "new code", ("m",)), Route(CHAT, "anything else", ("m",)))
QUESTION = Question(Conversation((Turn("user", "write a sorting algorithm"),)), ROUTES)
TRACE = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
GOOD = http(completion('{"route": ["code generation"]}'))

PATIENT_S = 20.0
HASTY_S = 0.3


def router(port: int, *, deadline_s: float = PATIENT_S, dialect: RouterDialect = "plano-orchestrator") -> RouterModel:
    origin = Origin("http", "127.0.0.1", port)
    endpoint = Endpoint(origin, "/v1/chat/completions", f"127.0.0.1:{port}", key=Secret("sk-router-own"))
    model = Model("plano/r", "plano", "hub.example/r", endpoint)
    return RouterModel(model, dialect, SystemClock(), lambda: 1.0, deadline_s=deadline_s)


@asynccontextmanager
async def connections() -> AsyncIterator[HttpUpstream]:
    upstream = HttpUpstream(SystemClock(), limits=LIMITS)
    try:
        yield upstream
    finally:
        upstream.pool.close()
        await asyncio.sleep(0)


async def ask(model: RouterModel, question: Question = QUESTION) -> Intent:
    async with connections() as upstream:
        return await model.ask(question, upstream, TRACE)


MISBEHAVIOUR: dict[str, tuple[Play, str]] = {
    "it drops the connection": (resets, "reset"),
    "it closes without a word": (sends_and_closes(b""), "reset"),
    "it closes in the middle of its head": (sends_and_closes(b"HTTP/1.1 200 OK\r\ncontent-"), "reset"),
    "it closes in the middle of its answer": (sends_and_closes(GOOD[:-20]), "truncated"),
    "it hangs": (hangs, "timeout"),
    "its head comes a byte at a time": (drips(b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 10_000), "timeout"),
    "its body comes a byte at a time": (drips(GOOD[:-2]), "timeout"),
    "500": (sends(http(b"{}", status="500 Internal Server Error")), "500"),
    "503 with a page": (sends(http(b"<html>", status="503 Service Unavailable", kind="text/html")), "503"),
    "429": (sends(http(b"{}", status="429 Too Many Requests")), "429"),
    "401": (sends(http(b"{}", status="401 Unauthorized")), "401"),
    "404, the model is not loaded": (sends(http(b'{"error": "no such model"}', status="404 Not Found")), "404"),
    "400": (sends(http(b'{"error": {"message": "too long"}}', status="400 Bad Request")), "400"),
    "an error inside a 200": (sends(http(b'{"error": {"message": "out of memory"}}')), "inband"),
    "a redirect": (sends(http(b"", status="302 Found", more="location: http://127.0.0.1:1/\r\n")), "protocol"),
    "a page inside a 200": (sends(http(b"<html>Welcome</html>", kind="text/html")), "protocol"),
    "an empty body": (sends(http(b"")), "protocol"),
    "truncated JSON of the right length": (sends(http(completion("x")[:-10])), "protocol"),
    "invalid UTF-8": (sends(http(completion("x").replace(b"x", b"\xff\xfe"))), "protocol"),
    "no HTTP": (sends_and_closes(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol"),
    "a megabyte": (sends(http(completion("a" * 1_000_000))), "protocol"),
    "endless chunks": (
        sends_and_closes(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + b"4000\r\n"
            + (b"a" * 0x4000 + b"\r\n4000\r\n") * 9
        ),
        "protocol",
    ),
    "prose": (says("I would rather talk about something else."), "unreadable"),
    "a long speech around the answer": (says("Well, " * 300 + '{"route": ["code generation"]}'), "unreadable"),
    "an answer that was cut": (says('{"route": ["code generation"'), "unreadable"),
    "the prompt itself": (echoes, "unreadable"),
    "two answers": (says('{"route": "code generation"} {"route": "general questions"}'), "unreadable"),
    "a call of a tool": (
        says(None, tool_calls=[{"id": "a", "type": "function", "function": {"name": CODE, "arguments": "{}"}}]),
        "unreadable",
    ),
    "a number": (says(7), "unreadable"),
}

BEHAVIOUR: dict[str, tuple[Play, str | None]] = {
    "a list": (says('{"route": ["code generation"]}'), CODE),
    "a list of several": (says('{"route": ["nope", "general questions", "code generation"]}'), CHAT),
    "a string": (says('{"route": "code generation"}'), CODE),
    "a fence": (says('```json\n{"route": ["code generation"]}\n```'), CODE),
    "reasoning": (says("<think>" + "hm " * 2000 + '</think>{"route": ["code generation"]}'), CODE),
    "parts of text": (
        says([{"type": "text", "text": '{"route": '}, {"type": "text", "text": '"code generation"}'}]),
        CODE,
    ),
    "a wrong content type": (sends(http(completion('{"route": ["code generation"]}'), kind="text/plain")), CODE),
    "an unknown route": (says('{"route": ["nope"]}'), None),
    "the word for none": (says('{"route": "other"}'), None),
    "an empty list": (says('{"route": []}'), None),
    "nothing": (says(""), None),
    "null": (says(None), None),
    "no choice": (sends(http(b'{"choices": []}')), None),
}


@pytest.mark.parametrize("name", BEHAVIOUR)
async def test_what_counts_as_an_answer(name: str) -> None:
    """The route, or none; the router is well, and its word is marked as the model's."""
    play, route = BEHAVIOUR[name]
    async with scripted(play) as server:
        intent = await ask(router(server.port))
    assert (intent.route, intent.router, intent.trouble) == (route, "ok", None)
    assert intent.asked is not None
    assert (intent.said_by, intent.asked.ending) == ("plano/r", "answered")
    assert intent.asked.seconds > 0
    assert (intent.scores, intent.threshold, intent.margin) == ((), None, None)


@pytest.mark.parametrize("name", MISBEHAVIOUR)
async def test_misbehaviour(name: str) -> None:
    """No route, said so, with the kind of the trouble; and nothing is raised."""
    play, ending = MISBEHAVIOUR[name]
    async with scripted(says("null")) as server, connections() as upstream:
        model = router(server.port)
        if ending == "timeout":
            # Over a connection that stands: a machine that stalls while connecting would be another ending.
            await model.ask(QUESTION, upstream, TRACE)
            model.deadline_s = HASTY_S
        server.play = play
        intent = await model.ask(QUESTION, upstream, TRACE)
    assert (intent.route, intent.router, intent.trouble) == (None, "degraded", ending)
    assert intent.asked is not None
    assert (intent.said_by, intent.asked.ending) == (None, ending)


class Standing(SystemClock):
    """A clock that stands still."""

    monotonic = staticmethod(lambda: 7.0)


class Recorder:
    """An upstream that fails, and keeps what it was asked."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        self.attempts.append(attempt)
        return Refused(400), None


async def test_its_own_deadline() -> None:
    """One attempt, which has the deadline of the router and no other, and nobody after it."""
    model, upstream = router(1, deadline_s=0.25), Recorder()
    model.clock = Standing()
    await model.ask(QUESTION, upstream, TRACE)
    (attempt,) = upstream.attempts
    assert (attempt.limit_s, attempt.is_last, attempt.number) == (0.25, True, 1)


async def test_refused() -> None:
    """Nobody listens there."""
    async with scripted(hangs) as server:
        port = server.port
    assert (await ask(router(port))).trouble == "connect"


async def test_the_request() -> None:
    """Exactly a model, one user message and a temperature; the router's own key, and none of the caller's fields."""
    async with scripted(says('{"route": []}')) as server:
        await ask(router(server.port))
    (body,), (head,) = server.bodies, server.heads
    assert list(body) == ["model", "messages", "temperature"]
    assert (body["model"], body["temperature"]) == ("hub.example/r", 0.01)
    (message,) = body["messages"]
    assert (message["role"], list(message)) == ("user", ["role", "content"])
    assert "write a sorting algorithm" in message["content"]
    fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:] if line)
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert fields["authorization"] == "bearer sk-router-own"
    assert fields["traceparent"] == TRACE.header
    assert set(fields) == {
        *("host", "accept-encoding", "authorization", "content-type", "accept", "user-agent", "traceparent"),
        "content-length",
    }


async def test_the_conversation_is_trimmed() -> None:
    """The tail of it that fits the budget, on top of the 211 tokens of the words around it."""
    turns = tuple(Turn("user", f"turn-{number:03}") for number in range(32))
    async with scripted(says('{"route": []}')) as server:
        model = router(server.port, dialect="arch-router")
        await ask(model, Question(Conversation(turns), ROUTES))
        model.context_tokens = 211 + 4
        await ask(model, Question(Conversation(turns), ROUTES))
    texts = [body["messages"][0]["content"].split("<conversation>\n")[1].split("\n")[0] for body in server.bodies]
    shown = [[row["content"] for row in json.loads(text)] for text in texts]
    assert shown[0] == [f"turn-{number:03}" for number in range(16, 32)]
    assert shown[1] == ["turn-030", "turn-031"]


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u2800", " " * 400_000])
async def test_nothing_to_see(text: str) -> None:
    """No prompt leaves for a blank message, and the model is not blamed for it."""
    async with scripted(hangs) as server:
        intent = await ask(router(server.port), Question(Conversation((Turn("user", text),)), ROUTES))
    assert intent == Intent(None)
    assert server.bodies == []


async def test_a_large_question() -> None:
    """It is made beside the loop, and shows what fits."""
    text = "FIRST LINE " + "A" * 500_000 + " LAST LINE"
    async with scripted(says('{"route": "code generation"}')) as server:
        model = router(server.port)
        model.context_tokens = 2048
        intent = await ask(model, Question(Conversation((Turn("user", text),)), ROUTES))
    assert intent.route == CODE
    assert len(intent.text.encode()) == 7348
    assert (intent.text[:11], intent.text[-10:], intent.text.count("…")) == ("FIRST LINE ", " LAST LINE", 1)
    assert intent.text in server.bodies[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("usage", "counted"),
    [({"prompt_tokens": 245, "completion_tokens": 9}, Usage(245, 9)), (None, None), ("none of your business", None)],
)
async def test_what_it_used(usage: object, counted: Usage | None) -> None:
    """As the server counted it; one that does not say is as good."""
    body = json.dumps({**json.loads(completion('{"route": []}')), "usage": usage}).encode()
    async with scripted(sends(http(body))) as server:
        intent = await ask(router(server.port))
    assert (intent.router, intent.asked is not None and intent.asked.usage) == ("ok", counted)


async def test_half_a_character() -> None:
    """A lone surrogate ends no decision."""
    async with scripted(says('{"route": "code generation"}')) as server:
        asked = Question(Conversation((Turn("user", "\ud83d oh"),)), ROUTES)
        assert (await ask(router(server.port), asked)).route == CODE


async def test_five_failures_in_a_row() -> None:
    """The breaker opens: nobody is asked, at once; answers that cannot be read count."""
    async with scripted(says("no idea")) as server:
        model = router(server.port)
        said = [(await ask(model)).trouble for _ in range(7)]
    assert said == ["unreadable"] * 5 + ["ejected"] * 2
    assert len(server.bodies) == 5
    assert model.closed == "ejected"


async def test_a_good_answer_in_between() -> None:
    """The breaker counts failures in a row."""
    async with scripted(says("no idea")) as server:
        model = router(server.port)
        for _ in range(4):
            await ask(model)
        server.play = says('{"route": []}')
        await ask(model)
        server.play = says("no idea")
        assert [(await ask(model)).trouble for _ in range(4)] == ["unreadable"] * 4


async def test_a_promise_is_kept() -> None:
    """After ``Retry-After`` it is not asked before that time, and being asked for patience is no failure."""
    busy = http(b"{}", status="429 Too Many Requests", more="retry-after: 3600\r\n")
    async with scripted(sends(busy)) as server:
        model = router(server.port)
        said = [(await ask(model)) for _ in range(3)]
    assert [one.trouble for one in said] == ["429", "held", "held"]
    assert [one.asked is None for one in said] == [False, True, True]
    assert len(server.bodies) == 1


async def test_a_caller_who_leaves() -> None:
    """The question is given up with whoever asked, and says nothing about the model."""
    async with scripted(hangs) as server:
        model = router(server.port)
        asking = [asyncio.create_task(ask(model)) for _ in range(6)]
        while len(server.bodies) < 6:  # noqa: ASYNC110 - the server is another task of this loop
            await asyncio.sleep(0)
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert model.closed is None
        server.play = says('{"route": "code generation"}')
        assert (await ask(model)).route == CODE


async def test_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound nobody waits for the model."""
    monkeypatch.setattr("plano.routing.model.MOST_AT_ONCE", 2)
    async with scripted(hangs) as server:
        model = router(server.port)
        asking = [asyncio.create_task(ask(model)) for _ in range(2)]
        while len(server.bodies) < 2:  # noqa: ASYNC110 - the server is another task of this loop
            await asyncio.sleep(0)
        assert (await ask(model)).trouble == "busy"
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
