"""Answers as bytes, each with the exact verdict: status, body, ending, and whether the connection may be used again."""

from __future__ import annotations

from dataclasses import dataclass

CRLF = b"\r\n"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AnswerVector:
    """``closes``: the upstream ends the connection after its bytes."""

    name: str
    data: bytes
    verdict: tuple[str, ...]
    closes: bool = False
    method: str = "POST"


def head(*lines: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return CRLF.join([start, *lines, b"", b""])


def sized(body: bytes, *lines: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return head(b"Content-Length: %d" % len(body), *lines, start=start) + body


def chunked(body: bytes, *lines: bytes) -> bytes:
    return head(b"Transfer-Encoding: chunked", *lines) + body


def whole(name: str, data: bytes, *transcript: str, method: str = "POST") -> AnswerVector:
    return AnswerVector(name, data, (*transcript, "end", "reusable"), method=method)


def once(name: str, data: bytes, *transcript: str, closes: bool = False, method: str = "POST") -> AnswerVector:
    return AnswerVector(name, data, (*transcript, "end", "done"), closes, method)


def broken(name: str, data: bytes, *transcript: str, closes: bool = False) -> AnswerVector:
    return AnswerVector(name, data, (*transcript, "done"), closes)


CONTINUE = head(start=b"HTTP/1.1 100 Continue")
HINTS = head(b"Link: </a>", start=b"HTTP/1.1 103 Early Hints")

WHOLE = (
    whole("length", sized(b"abc"), "200", "abc"),
    whole("empty", sized(b""), "200"),
    whole("chunks", chunked(b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), "200", "abcd"),
    whole("chunks with extension and trailer", chunked(b"3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"), "200", "abc"),
    whole("no chunk but the last", chunked(b"0\r\n\r\n"), "200"),
    whole("no reason phrase", sized(b"abc", start=b"HTTP/1.1 200 "), "200", "abc"),
    whole("no space for the reason phrase", sized(b"abc", start=b"HTTP/1.1 200"), "200", "abc"),
    whole("obs-text in the reason phrase", sized(b"abc", start=b"HTTP/1.1 200 \xe9"), "200", "abc"),
    whole("name with _", sized(b"abc", b"X_Y: 1"), "200", "abc"),
    whole("two cookies", sized(b"abc", b"Set-Cookie: a=1", b"Set-Cookie: b=2"), "200", "abc"),
    whole("204", head(start=b"HTTP/1.1 204 No Content"), "204"),
    whole("204 with a length", head(b"Content-Length: 0", start=b"HTTP/1.1 204 No Content"), "204"),
    whole("304 with the length of what is not sent", head(b"Content-Length: 9", start=b"HTTP/1.1 304 X"), "304"),
    whole("HEAD", head(b"Content-Length: 9"), "200", method="HEAD"),
    whole("HEAD, chunked", head(b"Transfer-Encoding: chunked"), "200", method="HEAD"),
    whole("100, then the answer", CONTINUE + sized(b"abc"), "200", "abc"),
    whole("103, 100, then the answer", HINTS + CONTINUE + sized(b"abc"), "200", "abc"),
    whole("16 interim answers", CONTINUE * 16 + sized(b"abc"), "200", "abc"),
    whole("error status", sized(b"no", start=b"HTTP/1.1 529 Overloaded"), "529", "no"),
    whole("redirect", sized(b"", b"Location: http://y/", start=b"HTTP/1.1 307 X"), "307"),
    whole("HTTP/1.0 keep-alive", sized(b"abc", b"Connection: keep-alive", start=b"HTTP/1.0 200 OK"), "200", "abc"),
    whole("body of line ends", sized(b"\r\n\r\n"), "200", "b'\\r\\n\\r\\n'"),
)

ONCE = (
    once("close", sized(b"abc", b"Connection: close"), "200", "abc"),
    once("Close among others", sized(b"abc", b"Connection: x, Close"), "200", "abc"),
    once("HTTP/1.0", sized(b"abc", start=b"HTTP/1.0 200 OK"), "200", "abc"),
    once("closed after the end", sized(b"abc"), "200", "abc", closes=True),
    once("bytes after the end", sized(b"abc") + b"d", "200", "abc"),
    once("line end after the end", sized(b"abc") + CRLF, "200", "abc"),
    once("a second answer", sized(b"abc") + sized(b"evil"), "200", "abc"),
    once("bytes after the last chunk", chunked(b"0\r\n\r\nx"), "200"),
    once("body after 204", head(start=b"HTTP/1.1 204 No Content") + b"abc", "204"),
    once("204 that announces a body", head(b"Content-Length: 3", start=b"HTTP/1.1 204 No Content"), "204"),
    once("204 with chunks to come", head(b"Transfer-Encoding: chunked", start=b"HTTP/1.1 204 No Content"), "204"),
    once("body after HEAD", sized(b"abc"), "200", method="HEAD"),
    once("until close", head() + b"abc", "200", "abc", closes=True),
    once("until close, nothing in it", head(), "200", closes=True),
    once("until close, HTTP/1.0", head(start=b"HTTP/1.0 200 OK") + b"abc", "200", "abc", closes=True),
)

CUT = (
    broken("nothing at all", b"", "reset", closes=True),
    broken("half a status line", b"HTTP/1.1 20", "reset", closes=True),
    broken("half a head", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", "reset", closes=True),
    broken("only interim answers", CONTINUE, "reset", closes=True),
    broken("no body", head(b"Content-Length: 3"), "200", "truncated", closes=True),
    broken("short body", sized(b"abc")[:-1], "200", "ab", "truncated", closes=True),
    broken("no last chunk", chunked(b"3\r\nabc\r\n"), "200", "abc", "truncated", closes=True),
    broken("half a chunk", chunked(b"3\r\nab"), "200", "ab", "truncated", closes=True),
    broken("half a chunk size", chunked(b"1\r\na\r\n3"), "200", "a", "truncated", closes=True),
    broken("last chunk without blank line", chunked(b"1\r\na\r\n0\r\n"), "200", "a", "truncated", closes=True),
    broken("cut in the trailers", chunked(b"1\r\na\r\n0\r\nX: 1\r\n"), "200", "a", "truncated", closes=True),
    broken("head not whole", b"HTTP/1.1 200 OK\r\nConte"),
    broken("body not whole", sized(b"abc")[:-1], "200", "ab"),
)

DOUBTFUL = (
    broken("length and chunked", head(b"Content-Length: 3", b"Transfer-Encoding: chunked"), "protocol"),
    broken("length twice", head(b"Content-Length: 3", b"Content-Length: 3"), "protocol"),
    broken("length as a list", head(b"Content-Length: 3, 3"), "protocol"),
    broken("length with a sign", head(b"Content-Length: +3"), "protocol"),
    broken("coding twice", head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), "protocol"),
    broken("another coding", head(b"Transfer-Encoding: gzip, chunked"), "protocol"),
    broken("coding on HTTP/1.0", head(b"Transfer-Encoding: chunked", start=b"HTTP/1.0 200 OK"), "protocol"),
    broken("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
    broken("not HTTP, and no line end", b"+OK ready", "protocol"),
    broken("nearly HTTP, and no line end", b"HTTP/2", "protocol"),
    broken("HTTP/2 settings", b"\x00\x00\x06\x04\x00", "protocol"),
    broken("HTTP/2.0", head(start=b"HTTP/2.0 200 OK"), "protocol"),
    broken("HTTP/0.9", b"<html>\n", "protocol"),
    broken("status of two digits", head(start=b"HTTP/1.1 20 OK"), "protocol"),
    broken("status 099", head(start=b"HTTP/1.1 099 X"), "protocol"),
    broken("status 600", head(start=b"HTTP/1.1 600 X"), "protocol"),
    broken("status of four digits", head(start=b"HTTP/1.1 2000 X"), "protocol"),
    broken("an empty line before", CRLF + sized(b"abc"), "protocol"),
    broken("bare LF", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "protocol"),
    broken("folded field", head(b"X: a", b" b", b"Content-Length: 0"), "protocol"),
    broken("space before the colon", head(b"Content-Length : 3"), "protocol"),
    broken("NUL in a value", head(b"X: a\x00", b"Content-Length: 0"), "protocol"),
    broken("NUL in the reason phrase", head(start=b"HTTP/1.1 200 O\x00K"), "protocol"),
    broken("switched protocols", head(b"Upgrade: x", start=b"HTTP/1.1 101 X"), "protocol"),
    broken("17 interim answers", CONTINUE * 17 + sized(b"abc"), "protocol"),
    broken("head over 64 KiB", head(b"X: " + b"y" * 65_536), "protocol"),
    broken("head without end", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 65_536, "protocol"),
    broken("status line without end", b"HTTP/1.1 200 " + b"y" * 65_536, "protocol"),
    broken("201 fields", head(*[b"X-%d: 1" % n for n in range(201)]), "protocol"),
    broken("bad chunk size", chunked(b"3\r\nabc\r\nxyz\r\n"), "200", "abc", "protocol"),
    broken("no line end after a chunk", chunked(b"3\r\nabcd"), "200", "abc", "protocol"),
    broken("chunk size over 2^63", chunked(b"ffffffffffffffff\r\n"), "200", "protocol"),
    broken("forbidden trailer", chunked(b"1\r\na\r\n0\r\nContent-Length: 1\r\n\r\n"), "200", "a", "protocol"),
    broken("length over the limit", head(b"Content-Length: %d" % (64 * MIB + 1)), "200", "too_large"),
    broken("chunk over the limit", chunked(b"1\r\na\r\n4000000\r\n"), "200", "a", "too_large"),
)

ANSWER_VECTORS = (*WHOLE, *ONCE, *CUT, *DOUBTFUL)
