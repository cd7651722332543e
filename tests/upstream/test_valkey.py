"""The client of a session store against servers that behave oddly; real ones are in ``tests/server``."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from plano.clock import SystemClock
from plano.domain.secret import Secret
from plano.domain.session import Binding
from plano.errors import StoreError
from plano.upstream import valkey
from plano.upstream.valkey import Valkey
from tests.waiting import PATIENCE_S

KEY = b"k" * 32
BINDING = Binding("p/m", "code", 0.0, 7)

Answers = Callable[[bytes], bytes | None]
"""What a server says to what it read; None says nothing."""


@asynccontextmanager
async def server(answer: Answers, *, heard: list[bytes] | None = None) -> AsyncIterator[int]:
    """The port of a server."""

    served: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if heard is not None:
                    heard.append(data)
                said = answer(data)
                if said is not None:
                    writer.write(said)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in served:
            if task is not None:
                await task


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still is no silent server, which has a test of its own."""
    monkeypatch.setattr(valkey, "ANSWER_S", PATIENCE_S)
    monkeypatch.setattr(valkey, "CONNECT_S", PATIENCE_S)


def client(port: int, *, login: str = "", path: str = "") -> Valkey:
    """A client of the server at ``port``."""
    url = Secret(f"redis://{login}127.0.0.1:{port}{path}")
    return Valkey(url, b"secret", clock=SystemClock(), tls=ssl.create_default_context)


async def refused(store: Valkey) -> str:
    """Why the store cannot be asked."""
    with pytest.raises(StoreError) as error:
        await store.get(KEY)
    return error.value.message


async def test_login_and_database_come_first_and_commands_in_their_order() -> None:
    """What was asked before the connection was there is sent after the greeting, as it was asked."""
    heard: list[bytes] = []
    ok = b"+OK\r\n"
    async with server(lambda data: ok * data.count(b"*"), heard=heard) as port:
        store = client(port, login="us%40er:pa%20ss@", path="/5")
        await asyncio.gather(store.put(KEY, BINDING, 9), store.ping())
        store.close()
    said = b"".join(heard)
    assert said.startswith(
        b"*3\r\n$4\r\nAUTH\r\n$5\r\nus@er\r\n$5\r\npa ss\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n*5\r\n$3\r\nSET"
    )
    assert b"$2\r\nEX\r\n$1\r\n9\r\n*1\r\n$4\r\nPING\r\n" in said
    assert b"p/m" in said


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"-LOADING busy\r\n", "LOADING"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        (b"$-1\r\n$-1\r\n", None),
        (b":5\r\n", None),
    ],
)
async def test_what_a_server_may_say(said: bytes, why: str | None) -> None:
    """A refusal and nonsense are told; anything that is no record is no binding."""
    async with server(lambda _: said) as port:
        store = client(port)
        if why is None:
            assert await store.get(KEY) is None
        else:
            assert why in await refused(store)
        store.close()


async def test_silence_is_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one waits its quarter of a second; until the pause is over the others do not wait at all."""
    monkeypatch.setattr(valkey, "PAUSE_S", 1000.0)
    monkeypatch.setattr(valkey, "ANSWER_S", 0.25)
    heard: list[bytes] = []
    async with server(lambda _: None, heard=heard) as port:
        store = client(port)
        assert "did not answer" in await refused(store)
        asked = len(heard)
        assert "did not answer" in await refused(store)
        assert len(heard) == asked
        store.close()


async def test_it_is_asked_again_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that closes is connected to anew."""
    monkeypatch.setattr(valkey, "PAUSE_S", 0.0)
    answers = iter([b"nonsense\r\n", b"$-1\r\n"])
    async with server(lambda _: next(answers)) as port:
        store = client(port)
        await refused(store)
        assert await store.get(KEY) is None
        store.close()


async def test_nobody_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is no silence."""
    async with server(lambda _: None) as port:
        pass
    assert await refused(client(port)) == "it could not be reached"


async def test_waiting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound nobody waits."""
    monkeypatch.setattr(valkey, "MAX_WAITING", 2)
    monkeypatch.setattr(valkey, "ANSWER_S", 0.25)
    async with server(lambda _: None) as port:
        store = client(port)
        found = await asyncio.gather(*[store.get(KEY) for _ in range(4)], return_exceptions=True)
        assert [str(one) for one in found].count("too many requests wait for it") == 2
        store.close()
