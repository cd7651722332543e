"""Prints what the HTTP/1.1 core costs, beside httptools where that does the same thing.

    python benchmarks/http1_core.py [ROUNDS]

Microseconds of CPU, the best of the rounds; both sides of a pair run in turn within a round. httptools checks far less:
it takes two Host fields, lengths that disagree and bare line feeds, so its column is a floor and no rival. The second
table feeds inputs of n and 2n bytes in single bytes: a ratio near 2 means work in proportion to the size.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import httptools

from plano.http1.block import BlockReader
from plano.http1.body import Chunked
from plano.http1.client import ClientConnection
from plano.http1.events import AnswerWhole
from plano.http1.head import RequestHeads, ResponseHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.http1.server import ServerConnection

LIMITS = Limits()
CALLS = 5000
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"

REQUEST = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:12000\r\nAccept: application/json\r\n"
    b"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nUser-Agent: OpenAI/Python 1.99.1\r\n"
    b"Content-Type: application/json\r\nAuthorization: Bearer sk-" + b"a" * 45 + b"\r\nX-Stainless-Lang: python\r\n"
    b"X-Stainless-Package-Version: 1.99.1\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
    b"Content-Length: 1500\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\nConnection: keep-alive\r\nx-request-id: req_0123456789abcdef\r\n"
    b"openai-processing-ms: 231\r\nx-ratelimit-remaining-requests: 9999\r\ncache-control: no-cache\r\n\r\n"
)
STREAM = RESPONSE.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked")
EVENT = b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":" word"}}]}\n\n'
CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)
BODY = b"x" * 1500
ANSWER_BODY = b"y" * 1000


class Sink:
    """What a user of httptools has to keep."""

    def __init__(self) -> None:
        self.url = b""
        self.fields: dict[bytes, bytes] = {}
        self.body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields[name.lower()] = value

    def on_body(self, data: bytes) -> None:
        self.body.append(data)


def tools_request(data: bytes) -> Callable[[], object]:
    def work() -> object:
        sink = Sink()
        parser = httptools.HttpRequestParser(sink)
        parser.feed_data(data)
        return parser.get_method(), parser.should_keep_alive(), httptools.parse_url(sink.url).path

    return work


def tools_response(data: bytes) -> Callable[[], object]:
    def work() -> object:
        sink = Sink()
        parser = httptools.HttpResponseParser(sink)
        parser.feed_data(data)
        return parser.get_status_code(), parser.should_keep_alive()

    return work


def tools_chunk() -> Callable[[], object]:
    sink = Sink()
    parser = httptools.HttpResponseParser(sink)
    parser.feed_data(STREAM)

    def work() -> object:
        parser.feed_data(CHUNK)
        return sink.body.pop()

    return work


def served() -> Callable[[], object]:
    connection = ServerConnection(RequestHeads(LIMITS), 0.0)
    fields = (("content-type", "application/json"), ("x-plano-model", "openai/gpt-4o"), ("traceparent", "0" * 55))

    def work() -> object:
        connection.receive(REQUEST + BODY, 0.0)
        connection.answer(200, fields, body=ANSWER_BODY, date=DATE)
        return connection.answered(0.0)

    return work


def asked() -> Callable[[], object]:
    connection = ClientConnection(ResponseHeads(LIMITS))
    fixed = (("host", "api.openai.com"), ("authorization", "Bearer " + "k" * 48))
    template = RequestTemplate("POST", "/v1/chat/completions", fixed)

    def work() -> object:
        connection.request_head(template, (("content-type", "application/json"),), body_size=1500)
        connection.uploaded()
        events = connection.receive(RESPONSE + ANSWER_BODY)
        assert isinstance(events[-1], AnswerWhole)
        return events

    return work


def streamed() -> Callable[[], object]:
    connection = ClientConnection(ResponseHeads(Limits(answer_stream_bytes=1 << 60)))
    connection.request_head(RequestTemplate("GET", "/", (("host", "x"),)), (), body_size=0, is_stream=True)
    connection.receive(STREAM)
    return lambda: connection.receive(CHUNK)


def relayed() -> Callable[[], object]:
    connection = ServerConnection(RequestHeads(LIMITS), 0.0)
    connection.receive(REQUEST.replace(b"1500", b"0"), 0.0)
    connection.answer_head(200, (), framing="chunked", date=DATE)
    return lambda: connection.piece(EVENT)


def decoded() -> Callable[[], object]:
    decoder = Chunked(LIMITS, 1 << 60)
    return lambda: decoder.feed(CHUNK)


def cost(work: Callable[[], object], calls: int = CALLS) -> float:
    """Microseconds of CPU per call."""
    start = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - start) / calls * 1e6


def pairs() -> list[tuple[str, Callable[[], object], Callable[[], object] | None]]:
    """Name, ours, theirs."""
    request_block, response_block = REQUEST[:-2], RESPONSE[:-2]
    requests, responses = RequestHeads(LIMITS), ResponseHeads(LIMITS)
    theirs = (tools_request(REQUEST), tools_response(RESPONSE), tools_chunk())
    return [
        (
            "request head, 12 fields, seen for the first time",
            lambda: RequestHeads(LIMITS).parse(request_block),
            theirs[0],
        ),
        ("request head, 12 fields, on a busy listener", lambda: requests.parse(request_block), theirs[0]),
        (
            "response head, 8 fields, seen for the first time",
            lambda: ResponseHeads(LIMITS).parse(response_block),
            theirs[1],
        ),
        ("response head, 8 fields, of a busy upstream", lambda: responses.parse(response_block), theirs[1]),
        ("one chunk", decoded(), theirs[2]),
        ("one chunk, as an event", streamed(), None),
        ("one chunk, written", relayed(), None),
        ("request read, answer written, on a connection", served(), None),
        ("request written, answer read, on a connection", asked(), None),
    ]


def bytewise(data: bytes, feed: Callable[[bytes], object]) -> float:
    pieces = [data[at : at + 1] for at in range(len(data))]

    def work() -> None:
        for piece in pieces:
            feed(piece)

    return cost(work, 1)


def doublings() -> list[tuple[str, Callable[[int], float], int]]:
    """Name, cost of an input of that size, the size."""
    return [
        ("head, one long field", lambda n: bytewise(b"X: " + b"y" * n, BlockReader(1 << 20).feed), 32_000),
        ("head, short fields", lambda n: bytewise(b"X: y\r\n" * (n // 6), BlockReader(1 << 20).feed), 32_000),
        (
            "body in single-byte chunks",
            lambda n: bytewise(b"1\r\nz\r\n" * (n // 6), Chunked(LIMITS, 1 << 20).feed),
            48_000,
        ),
        ("body in one chunk", lambda n: bytewise(b"fffff\r\n" + b"z" * n, Chunked(LIMITS, 1 << 20).feed), 48_000),
        ("trailers", lambda n: bytewise(b"0\r\nX: " + b"y" * n, Chunked(LIMITS, 1 << 20).feed), 4_000),
    ]


def main(rounds: int) -> None:
    table = pairs()
    best: dict[tuple[str, str], float] = {}
    for _ in range(rounds):
        for name, ours, theirs in table:
            for side, work in (("core", ours), ("httptools", theirs)):
                if work is not None:
                    best[name, side] = min(cost(work), best.get((name, side), float("inf")))
    print(f"{'microseconds of CPU':48} {'core':>8} {'httptools':>10}")
    for name, _, _ in table:
        other = best.get((name, "httptools"))
        print(f"{name:48} {best[name, 'core']:8.2f} {'' if other is None else f'{other:10.2f}'}")
    print(f"\n{'byte by byte, microseconds':48} {'n':>8} {'2n':>10} {'ratio':>6}")
    for name, measure, size in doublings():
        once, twice = (min(measure(factor * size) for _ in range(rounds)) for factor in (1, 2))
        print(f"{name:48} {once:8.0f} {twice:10.0f} {twice / once:6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
