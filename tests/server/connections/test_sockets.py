"""What was cut does not look whole, and a caller that takes nothing has little waiting for it."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import termios

import pytest

from plano.http1.limits import Limits
from plano.mock.behaviour import Pace
from plano.mock.voices.chat import ChatVoice
from plano.server.connections.connection import HttpConnection
from tests.running import TRACE_ID, TRACEPARENT, Running, question, raw_post, running
from tests.waiting import PATIENCE_S, until

MANY = b'data: {"choices":[{"index":0,"delta":{"content":"' + b"x" * 20_000 + b'"}}]}\n\n'


def streaming(gateway: Running, peer: socket.socket, *, version: bytes = b"HTTP/1.1") -> bytes:
    """Asks for a stream that does not end soon; the first of it."""
    gateway.mock.pace = Pace(tokens_per_s=1.0)
    asked = raw_post(json.dumps(question(stream=True)).encode()).replace(b"HTTP/1.1", version, 1)
    peer.sendall(asked)
    begun = b""
    while b"data: " not in begun:
        begun += peer.recv(65536)
    return begun


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_an_answer_that_is_given_up_is_reset(gateway: Running, version: bytes) -> None:
    """To HTTP/1.0 the end of the connection is the end of the answer: a cut one must not end like a whole one."""
    with gateway.connect() as peer:
        streaming(gateway, peer, version=version)
        gateway.loop.call_soon_threadsafe(gateway.app.close)
        with pytest.raises(ConnectionResetError):
            while peer.recv(65536):
                pass


def test_a_whole_answer_is_not_reset(gateway: Running) -> None:
    """What is closed at the end of a drain may still be on its way to the caller: it arrives."""
    with gateway.connect() as peer:
        peer.sendall(raw_post(json.dumps(question()).encode()))
        until(lambda: "request" in gateway.log.getvalue())
        gateway.loop.call_soon_threadsafe(gateway.app.close)
        received = b""
        while data := peer.recv(65536):
            received += data
    assert received.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.skipif(sys.platform != "linux", reason="what waits in the kernel is asked by an ioctl of Linux")
def test_little_waits_in_the_kernel(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that reads nothing: megabytes used to be handed to the kernel for it, which is nobody's bound."""
    monkeypatch.setattr(ChatVoice, "opening", lambda _voice, _said: (MANY,) * 600)
    gateway.mock.pace = Pace(tokens_per_s=1e6)
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(PATIENCE_S)
        peer.connect(("127.0.0.1", gateway.app.ports[0]))
        peer.sendall(raw_post(json.dumps(question(stream=True)).encode()))
        (connection,) = _connections(gateway)
        until(lambda: connection._writable is not None)
        assert connection._transport is not None
        number = connection._transport.get_extra_info("socket").fileno()
        (unsent,) = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, b"\0\0\0\0"))
    assert unsent < 512 * 1024


def _connections(gateway: Running) -> list[HttpConnection]:
    until(lambda: len(gateway.app._wires[0].connections) == 1)
    return list(gateway.app._wires[0].connections)


def test_nothing_stays_of_a_caller_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel still held for it is let go with the connection: it learns of a reset, not of an end."""
    monkeypatch.setattr(ChatVoice, "opening", lambda _voice, _said: (MANY,) * 600)
    with running(limits=Limits(write_stall_s=0.2)) as gateway, socket.socket() as peer:
        gateway.mock.pace = Pace(tokens_per_s=1e6)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(PATIENCE_S)
        peer.connect(("127.0.0.1", gateway.app.ports[0]))
        peer.sendall(raw_post(json.dumps(question(stream=True)).encode()))
        until(lambda: "client_closed" in gateway.log.getvalue())
        with pytest.raises(ConnectionResetError):
            while peer.recv(65536):
                pass


def test_a_caller_that_leaves_while_it_sends(gateway: Running) -> None:
    """Its request has a line of the log as any other, under the id that the caller gave it."""
    with gateway.connect() as peer:
        peer.sendall(raw_post(json.dumps(question()).encode(), more=f"traceparent: {TRACEPARENT}\r\n")[:-5])
    until(lambda: TRACE_ID in gateway.log.getvalue())
    (line,) = [json.loads(each) for each in gateway.log.getvalue().splitlines() if TRACE_ID in each]
    assert (line["event"], line["status"], line["code"]) == ("request", 499, "client_closed")
