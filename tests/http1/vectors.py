"""Requests as bytes, each with the exact verdict: what was understood, or the refusal; then the connection.

A verdict is a transcript: ``"POST /a <body>"`` for a request served, a number for a refusal, then ``kept`` (idle, ready
for the next), ``closed``, or ``waiting`` (nothing can be said before more bytes come).
"""

from __future__ import annotations

from dataclasses import dataclass

CRLF = b"\r\n"
BIG = 9_223_372_036_854_775_808  # 2^63


@dataclass(frozen=True, slots=True)
class Vector:
    name: str
    data: bytes
    verdict: tuple[str | int, ...]


def get(*lines: bytes, start: bytes = b"GET /a HTTP/1.1", host: bytes | None = b"Host: x") -> bytes:
    """A request without body."""
    return CRLF.join([start, *([] if host is None else [host]), *lines, b"", b""])


def post(*lines: bytes, body: bytes = b"", start: bytes = b"POST /a HTTP/1.1") -> bytes:
    return get(*lines, start=start) + body


def chunked(body: bytes, *lines: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", *lines, body=body)


def served(name: str, data: bytes, *requests: str, then: str = "kept") -> Vector:
    return Vector(name, data, (*requests, then))


def refused(name: str, data: bytes, status: int = 400, *, after: tuple[str, ...] = ()) -> Vector:
    return Vector(name, data, (*after, status, "closed"))


NEXT = get(start=b"GET /smuggled HTTP/1.1")

ORDINARY = (
    served("plain GET", get(), "GET /a"),
    served("query", get(start=b"GET /a?b=c?d HTTP/1.1"), "GET /a?b=c?d"),
    served("empty query", get(start=b"GET /a? HTTP/1.1"), "GET /a?"),
    served("two slashes are a path", get(start=b"GET //evil/x HTTP/1.1"), "GET //evil/x"),
    served("percent signs are left alone", get(start=b"GET /%2e%2E/%00 HTTP/1.1"), "GET /%2e%2E/%00"),
    served("odd but visible target", get(start=b'GET /"<>^`{|} HTTP/1.1'), 'GET /"<>^`{|}'),
    served("unknown method", get(start=b"BREW /a HTTP/1.1"), "BREW /a"),
    served("a method is case-sensitive", get(start=b"get /a HTTP/1.1"), "get /a"),
    served("HEAD", get(start=b"HEAD /a HTTP/1.1"), "HEAD /a"),
    served("length 0", post(b"Content-Length: 0"), "POST /a"),
    served("POST without length", post(), "POST /a"),
    served("POST with length", post(b"Content-Length: 3", body=b"abc"), "POST /a abc"),
    served("GET with a body", get(b"Content-Length: 3") + b"abc", "GET /a abc"),
    served("leading zeros", post(b"Content-Length: 0003", body=b"abc"), "POST /a abc"),
    served("no space after the colon", post(b"Content-Length:3", body=b"abc"), "POST /a abc"),
    served("white space around a value", post(b"Content-Length: \t 3 \t", body=b"abc"), "POST /a abc"),
    served("field names in any case", post(b"cOnTeNt-LeNgTh: 3", body=b"abc"), "POST /a abc"),
    served("empty value", get(b"X-Empty:"), "GET /a"),
    served("obs-text in a value", get(b"X-Name: caf\xc3\xa9 \xff"), "GET /a"),
    served("tab in a value", get(b"X-Name: a\tb"), "GET /a"),
    served("every token character in a name", get(b"!#$%&'*+-.^_`|~09azAZ: 1"), "GET /a"),
    served("body that looks like a request", post(b"Content-Length: %d" % len(NEXT), body=NEXT), f"POST /a {NEXT!r}"),
    served("body of line ends", post(b"Content-Length: 4", body=b"\r\n\r\n"), "POST /a b'\\r\\n\\r\\n'"),
    served("one empty line before", CRLF + get(), "GET /a"),
    served("one empty line between", get() + CRLF + get(), "GET /a", "GET /a"),
    served("one empty line after", get() + CRLF, "GET /a"),
    served("pipelined", get() + post(b"Content-Length: 1", body=b"z") + get(), "GET /a", "POST /a z", "GET /a"),
    served("head not whole", b"GET /a HTTP/1.1\r\nHost: x\r\n", then="waiting"),
    served("half a line end", b"GET /a HTTP/1.1\r\nHost: x\r", then="waiting"),
    served("body not whole", post(b"Content-Length: 4", body=b"abc"), then="waiting"),
    served("upgrade is ordinary", get(b"Connection: upgrade", b"Upgrade: websocket"), "GET /a"),
    served("h2c upgrade is ordinary", get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), "GET /a"),
    served("name with _ is not read", post(b"Content_Length: 3"), "POST /a"),
    served("host with _ is not read", get(b"Ho_st: y"), "GET /a"),
    served("repeated list field", get(b"Accept: a", b"Accept: b"), "GET /a"),
    served("100 fields", get(*[b"X-%d: 1" % n for n in range(99)]), "GET /a"),
    served("target of 8192 bytes", get(start=b"GET /" + b"a" * 8191 + b" HTTP/1.1"), "GET /" + "a" * 8191),
)

CONNECTIONS = (
    served("close", get(b"Connection: close"), "GET /a", then="closed"),
    served("Close among others", get(b"Connection: foo , Close"), "GET /a", then="closed"),
    served("close in a second field", get(b"Connection: foo", b"Connection: close"), "GET /a", then="closed"),
    served("close wins", get(b"Connection: keep-alive, close"), "GET /a", then="closed"),
    served("close, then more", get(b"Connection: close") + NEXT, "GET /a", then="closed"),
    served("keep-alive", get(b"Connection: keep-alive"), "GET /a"),
    served("closed is not close", get(b"Connection: closed"), "GET /a"),
    served("HTTP/1.0 closes", get(start=b"GET /a HTTP/1.0"), "GET /a", then="closed"),
    served("HTTP/1.0 keep-alive", get(b"Connection: Keep-Alive", start=b"GET /a HTTP/1.0"), "GET /a"),
    served("HTTP/1.0 without host", get(start=b"GET /a HTTP/1.0", host=None), "GET /a", then="closed"),
    served(
        "HTTP/1.0 with length",
        post(b"Content-Length: 1", body=b"z", start=b"POST /a HTTP/1.0"),
        "POST /a z",
        then="closed",
    ),
)

LENGTHS = (
    refused("length and chunked", post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + NEXT)),
    refused("chunked and length", post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n" + NEXT)),
    refused("length twice", post(b"Content-Length: 3", b"Content-Length: 4", body=b"abcd")),
    refused("length twice, equal", post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc")),
    refused("length twice, other case", post(b"Content-Length: 3", b"content-length: 3", body=b"abc")),
    refused("length as a list", post(b"Content-Length: 4, 4", body=b"abcd")),
    refused("length with plus", post(b"Content-Length: +3", body=b"abc")),
    refused("negative length", post(b"Content-Length: -3", body=b"abc")),
    refused("length with letters", post(b"Content-Length: 3x", body=b"abc")),
    refused("hexadecimal length", post(b"Content-Length: 0x3", body=b"abc")),
    refused("length with _", post(b"Content-Length: 1_0", body=b"abc")),
    refused("length with a point", post(b"Content-Length: 3.0", body=b"abc")),
    refused("length with a space inside", post(b"Content-Length: 1 0", body=b"abc")),
    refused("empty length", post(b"Content-Length:", body=b"abc")),
    refused("quoted length", post(b'Content-Length: "3"', body=b"abc")),
    refused("length in superscript", post(b"Content-Length: \xb3", body=b"abc")),
    refused("length over 2^63", post(b"Content-Length: %d" % (BIG + 1))),
    refused("length of 20 digits", post(b"Content-Length: 00000000000000000003", body=b"abc")),
    refused("length of 2^63 is only too large", post(b"Content-Length: %d" % BIG), 413),
    refused("declared over the limit", post(b"Content-Length: %d" % (32 * 1024 * 1024 + 1)), 413),
)

CODINGS = (
    refused("coding twice", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    refused("coding twice, identity first", post(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked")),
    refused("coding folded", post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n")),
    refused("chunked chunked", post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n")),
    refused("gzip, chunked", post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    refused("chunked, identity", post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n")),
    refused("identity", post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n")),
    refused("gzip", post(b"Transfer-Encoding: gzip")),
    refused("xchunked", post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n")),
    refused("empty coding", post(b"Transfer-Encoding:", body=b"0\r\n\r\n")),
    refused("coding with vertical tab", post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n")),
    refused("coding with a parameter", post(b"Transfer-Encoding: chunked;q=1", body=b"0\r\n\r\n")),
    refused("quoted coding", post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n")),
    refused("coding with a comma", post(b"Transfer-Encoding: ,chunked", body=b"0\r\n\r\n")),
    refused("coding on HTTP/1.0", post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n", start=b"POST /a HTTP/1.0")),
    refused("space before the colon of a coding", post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n")),
    served("Chunked in any case", post(b"Transfer-Encoding: CHUNKED", body=b"0\r\n\r\n"), "POST /a"),
    served("coding with _ is not read", post(b"Transfer_Encoding: chunked"), "POST /a"),
)

CHUNKS = (
    served("one chunk", chunked(b"3\r\nabc\r\n0\r\n\r\n"), "POST /a abc"),
    served("chunks", chunked(b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), "POST /a abcd"),
    served("no chunk but the last", chunked(b"0\r\n\r\n"), "POST /a"),
    served(
        "size in both cases, zeros before",
        chunked(b"00a\r\n0123456789\r\n0A\r\n0123456789\r\n000\r\n\r\n"),
        "POST /a " + "0123456789" * 2,
    ),
    served("size of 16 digits", chunked(b"0000000000000001\r\nz\r\n0\r\n\r\n"), "POST /a z"),
    served("extension", chunked(b"1;a=b\r\nz\r\n0;c\r\n\r\n"), "POST /a z"),
    served("quoted extension", chunked(b'1;a="b;c d"\r\nz\r\n0\r\n\r\n'), "POST /a z"),
    served("extension of 256 bytes", chunked(b"1;" + b"x" * 255 + b"\r\nz\r\n0\r\n\r\n"), "POST /a z"),
    served("chunk data of line ends", chunked(b"4\r\n\r\n\r\n\r\n0\r\n\r\n"), "POST /a b'\\r\\n\\r\\n'"),
    served("next request after the last chunk", chunked(b"1\r\nz\r\n0\r\n\r\n") + get(), "POST /a z", "GET /a"),
    served("chunk not whole", chunked(b"3\r\nab"), then="waiting"),
    served("last chunk without its blank line", chunked(b"0\r\n"), then="waiting"),
    refused("size with a sign", chunked(b"+3\r\nabc\r\n0\r\n\r\n")),
    refused("negative size", chunked(b"-3\r\nabc\r\n0\r\n\r\n")),
    refused("size with 0x", chunked(b"0x3\r\nabc\r\n0\r\n\r\n")),
    refused("size with _", chunked(b"1_0\r\nabc\r\n0\r\n\r\n")),
    refused("space before the size", chunked(b" 3\r\nabc\r\n0\r\n\r\n")),
    refused("space after the size", chunked(b"3 \r\nabc\r\n0\r\n\r\n")),
    refused("space before the extension", chunked(b"3 ;a\r\nabc\r\n0\r\n\r\n")),
    refused("tab after the size", chunked(b"3\t\r\nabc\r\n0\r\n\r\n")),
    refused("empty size", chunked(b"\r\nabc\r\n0\r\n\r\n")),
    refused("size that is none", chunked(b"xyz\r\nabc\r\n0\r\n\r\n")),
    refused("size over 2^63", chunked(b"8000000000000001\r\n")),
    refused("size of 17 digits", chunked(b"00000000000000001\r\nz\r\n")),
    refused("size of 2^63 is only too large", chunked(b"8000000000000000\r\n"), 413),
    refused("counted over the limit", chunked(b"1\r\nz\r\n2000000\r\n"), 413),
    refused("extension over 256 bytes", chunked(b"1;" + b"x" * 256 + b"\r\nz\r\n0\r\n\r\n")),
    refused("extension without end", chunked(b"1;" + b"x" * 4000)),
    refused("extensions of 16 KiB", chunked((b"1;" + b"x" * 255 + b"\r\nz\r\n") * 65 + b"0\r\n\r\n")),
    refused("extension with bare LF", chunked(b"1;a\nz\r\n0\r\n\r\n")),
    refused("extension with NUL", chunked(b"1;a\x00\r\nz\r\n0\r\n\r\n")),
    refused("chunk longer than its size", chunked(b"2\r\nabc\r\n0\r\n\r\n")),
    refused("chunk shorter than its size", chunked(b"4\r\nabc\r\n0\r\n\r\n")),
    refused("no line end after a chunk", chunked(b"3\r\nabc0\r\n\r\n")),
    refused("bare LF after a chunk", chunked(b"3\r\nabc\n0\r\n\r\n")),
    refused("bare CR after a chunk", chunked(b"3\r\nabc\r0\r\n\r\n")),
    refused("bare LF after a size", chunked(b"3\nabc\r\n0\r\n\r\n")),
    refused("bare CR after a size", chunked(b"3\rabc\r\n0\r\n\r\n")),
    refused("bare LF after the last chunk", chunked(b"0\n\n")),
    served("trailers are dropped", chunked(b"1\r\nz\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n"), "POST /a z"),
    refused("trailer content-length", chunked(b"0\r\nContent-Length: 3\r\n\r\n")),
    refused("trailer transfer-encoding", chunked(b"0\r\nTransfer-Encoding: chunked\r\n\r\n")),
    refused("trailer host", chunked(b"0\r\nHost: y\r\n\r\n")),
    refused("trailer credentials", chunked(b"0\r\nAuthorization: Bearer k\r\n\r\n")),
    refused("trailer api key", chunked(b"0\r\nX: 1\r\nX-Api-Key: k\r\n\r\n")),
    refused("trailer folded", chunked(b"0\r\nX: 1\r\n y\r\n\r\n")),
    refused("trailer without colon", chunked(b"0\r\nGET /b HTTP/1.1\r\n\r\n")),
    refused("trailer with bare LF", chunked(b"0\r\nX: 1\n\r\n\r\n")),
    refused("trailers over 8 KiB", chunked(b"0\r\n" + b"X: " + b"y" * 8200), 431),
    refused("101 trailers", chunked(b"0\r\n" + b"X: y\r\n" * 101 + b"\r\n"), 431),
)

LINES = (
    refused("bare LF everywhere", b"GET /a HTTP/1.1\nHost: x\n\n"),
    refused("bare LF after the request line", b"GET /a HTTP/1.1\nHost: x\r\n\r\n"),
    refused("bare LF after a field", b"GET /a HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"),
    refused("bare LF as blank line", b"GET /a HTTP/1.1\r\nHost: x\r\n\n"),
    refused("bare CR everywhere", b"GET /a HTTP/1.1\rHost: x\r\r"),
    refused("bare CR in a value", get(b"X: a\rContent-Length: 3")),
    refused("CR CR LF", b"GET /a HTTP/1.1\r\r\nHost: x\r\n\r\n"),
    refused("folded field", get(b"X: a", b" b")),
    refused("folded with a tab", get(b"X: a", b"\tb")),
    refused("white space before the first field", b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n"),
    refused("space before the colon", get(b"X : a")),
    refused("tab before the colon", get(b"X\t: a")),
    refused("space in a name", get(b"X Y: a")),
    refused("no colon", get(b"X")),
    refused("empty name", get(b": a")),
    refused("name with brackets", get(b"X[0]: a")),
    refused("name with obs-text", get(b"\xe9: a")),
    refused("NUL in a value", get(b"X: a\x00b")),
    refused("NUL in a name", get(b"X\x00: a")),
    refused("NUL in the target", get(start=b"GET /\x00 HTTP/1.1")),
    refused("escape in a value", get(b"X: \x1b[31m")),
    refused("DEL in a value", get(b"X: a\x7f")),
    refused("backspace in a value", get(b"X: a\x08")),
    refused("two empty lines before", CRLF + CRLF + get()),
    refused("two empty lines between", get() + CRLF + CRLF + get(), after=("GET /a",)),
    refused("NUL as the first byte", b"\x00GET /a"),
    refused("LF as the first byte", b"\nGET /a"),
    refused("CR as the first byte", b"\rGET /a"),
    refused("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    refused("garbage", b"hello\r\n\r\n"),
    refused("nothing of a refused request is a request", get(b"X : a") + NEXT),
    refused("the second of two is refused", get() + get(b"X : a") + NEXT, after=("GET /a",)),
)

REQUEST_LINES = (
    refused("two spaces", get(start=b"GET  /a HTTP/1.1")),
    refused("tab as separator", get(start=b"GET\t/a HTTP/1.1")),
    refused("space in the target", get(start=b"GET /a b HTTP/1.1")),
    refused("space at the end", get(start=b"GET /a HTTP/1.1 ")),
    refused("space at the start", get(start=b" GET /a HTTP/1.1")),
    refused("method with brackets", get(start=b"G(T /a HTTP/1.1")),
    refused("no target", get(start=b"GET HTTP/1.1")),
    refused("target with fragment", get(start=b"GET /a#b HTTP/1.1")),
    refused("target with backslash", get(start=b"GET /a\\b HTTP/1.1")),
    refused("target with obs-text", get(start=b"GET /caf\xc3\xa9 HTTP/1.1")),
    refused("target without slash", get(start=b"GET a HTTP/1.1")),
    refused("HTTP/0.9", b"GET /a\r\n"),
    refused("HTTP/0.9, written out", get(start=b"GET /a HTTP/0.9")),
    refused("http in lower case", get(start=b"GET /a http/1.1")),
    refused("not HTTP", get(start=b"GET /a RTSP/1.0")),
    refused("version without number", get(start=b"GET /a HTTP/")),
    refused("HTTP/1.2", get(start=b"GET /a HTTP/1.2"), 505),
    refused("HTTP/1.10", get(start=b"GET /a HTTP/1.10"), 505),
    refused("HTTP/01.1 is none", get(start=b"GET /a HTTP/01.1")),
    refused("HTTP/2.0", get(start=b"GET /a HTTP/2.0"), 505),
    refused("HTTP/3", get(start=b"GET /a HTTP/3"), 505),
    refused("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    refused("CONNECT", get(start=b"CONNECT x:443 HTTP/1.1")),
    refused("CONNECT with a path", get(start=b"CONNECT /a HTTP/1.1")),
    refused("* for GET", get(start=b"GET * HTTP/1.1")),
    served("* for OPTIONS", get(start=b"OPTIONS * HTTP/1.1"), "OPTIONS *"),
    served("absolute target", get(start=b"GET http://x/a?b HTTP/1.1"), "GET /a?b"),
    served("absolute target, other case", get(start=b"GET HTTP://X/a HTTP/1.1"), "GET /a"),
    served("absolute target without path", get(start=b"GET http://x HTTP/1.1"), "GET /"),
    served("absolute target, only a query", get(start=b"GET http://x?q HTTP/1.1"), "GET /?q"),
    refused("absolute target, other host", get(start=b"GET http://y/a HTTP/1.1")),
    refused("absolute target, other port", get(start=b"GET http://x:81/a HTTP/1.1")),
    refused("absolute target with user", get(start=b"GET http://u@x/a HTTP/1.1")),
    refused("absolute target without host", get(start=b"GET http:///a HTTP/1.1")),
    refused("absolute target, host missing", get(start=b"GET http://x/a HTTP/1.1", host=None)),
    refused("another scheme", get(start=b"GET ftp://x/a HTTP/1.1")),
    refused("target over 8 KiB", get(start=b"GET /" + b"a" * 8192 + b" HTTP/1.1"), 414),
    refused("target over 8 KiB, head not whole", b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n", 414),
    refused("request line without end", b"GET /" + b"a" * 70_000, 414),
    refused("version before size", get(start=b"GET /" + b"a" * 8192 + b" HTTP/2.0"), 505),
    refused("101 fields", get(*[b"X-%d: 1" % n for n in range(100)]), 431),
    refused("101 equal fields", get(*[b"Accept: 1"] * 100), 431),
    refused("head over 64 KiB", get(b"X: " + b"y" * 65_536), 431),
    refused("head without end", b"GET /a HTTP/1.1\r\nX: " + b"y" * 65_536, 431),
    refused("expecting something else", post(b"Expect: 200-ok", b"Content-Length: 1"), 417),
    refused("expecting two things", post(b"Expect: 100-continue, x", b"Content-Length: 1"), 417),
    refused("expecting twice", post(b"Expect: 100-continue", b"Expect: 100-continue", b"Content-Length: 1")),
    served("expecting 100-continue", post(b"Expect: 100-Continue", b"Content-Length: 1", body=b"z"), "POST /a z"),
    served(
        "expecting on HTTP/1.0",
        post(b"Expect: 100-continue", b"Content-Length: 1", body=b"z", start=b"POST /a HTTP/1.0"),
        "POST /a z",
        then="closed",
    ),
)

HOSTS = (
    refused("host missing", get(host=None)),
    refused("host twice", get(b"Host: y")),
    refused("host twice, equal", get(b"Host: x")),
    refused("empty host", get(host=b"Host:")),
    refused("blank host", get(host=b"Host:   ")),
    refused("host with slash", get(host=b"Host: x/admin")),
    refused("host with question mark", get(host=b"Host: x?admin")),
    refused("host with hash", get(host=b"Host: x#admin")),
    refused("host with at", get(host=b"Host: u@x")),
    refused("host with backslash", get(host=b"Host: x\\y")),
    refused("host with space", get(host=b"Host: x y")),
    refused("host as a list", get(host=b"Host: x, y")),
    refused("host with a bad port", get(host=b"Host: x:80a")),
    refused("host with two ports", get(host=b"Host: x:80:80")),
    refused("host with obs-text", get(host=b"Host: caf\xc3\xa9")),
    refused("host that is only a port", get(host=b"Host: :80")),
    refused("bad host on HTTP/1.0", get(start=b"GET /a HTTP/1.0", host=b"Host: x/y")),
    served("host with port", get(host=b"Host: x.example:12000"), "GET /a"),
    served("IPv6 host", get(host=b"Host: [::1]:12000"), "GET /a"),
    refused("IPv6 host without brackets", get(host=b"Host: ::1")),
    refused("content type twice", post(b"Content-Type: application/json", b"Content-Type: text/plain")),
    refused("authorization twice", get(b"Authorization: Bearer a", b"Authorization: Bearer b")),
)

VECTORS = (*ORDINARY, *CONNECTIONS, *LENGTHS, *CODINGS, *CHUNKS, *LINES, *REQUEST_LINES, *HOSTS)
