"""Request and response heads: bytes to frozen nouns.

A head that comes out of here has exactly one meaning. Where two readers could disagree about where a message ends or
whom it is for, there is no head but a Violation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from plano.http1 import grammar
from plano.http1.block import BlockReader
from plano.http1.fields import LONGEST_REMEMBERED, REMEMBERED_LINES, FieldReader, Fields
from plano.http1.limits import Limits
from plano.http1.violation import Violation

Framing = int | Literal["chunked", "until_close"]
"""How a body ends: after that many bytes (0: no body), with the last chunk, or with the connection."""

_MINOR_VERSIONS: Mapping[str, int] = {"1.1": 1, "1.0": 0}

_SINGLE_IN_REQUEST = frozenset(
    {"host", "content-length", "transfer-encoding", "content-type", "authorization", "expect"}
)
"""Which of two would count? Whoever answers that differently is fooled."""

_SINGLE_IN_RESPONSE = frozenset({"content-length", "transfer-encoding"})

_RequestLine = tuple[str, str, str | None, str, str | None, int]
"""Method, target, authority of an absolute target, path, query, minor version."""

BODILESS_STATUS = frozenset({204, 304})

_BEGINS = b"HTTP/1."
"""How every answer begins; compared without looking for the end of its line."""


class RequestHead(msgspec.Struct, frozen=True):
    """One request head.

    ``target``: as sent. ``path``: without query, not decoded; ``*`` for the server as a whole. ``query``: without
    ``?``, None when there is none. ``version_minor``: 0 or 1. ``fields``: names holding ``_`` are left out, and so is
    Content-Length, so that heads that differ in nothing else share them.
    ``framing``: a length or ``chunked``. ``keep_alive``: does the caller want the connection kept?
    ``expects_continue``: the caller waits for an interim answer before it sends the body.
    """

    method: str
    target: str
    path: str
    query: str | None
    version_minor: int
    fields: Fields
    framing: Framing
    keep_alive: bool
    expects_continue: bool

    @property
    def connection_options(self) -> tuple[str, ...]:
        """Lower-case members of ``Connection``: fields of these names must not be forwarded (RFC 9110 §7.6.1)."""
        return _options(self.fields.get("connection", ""))


class ResponseHead(msgspec.Struct, frozen=True):
    """One response head. ``status``: 100..599. ``framing``: as if the request was not HEAD.

    ``fields``: without Content-Length, as those of requests.
    """

    status: int
    version_minor: int
    fields: Fields
    framing: Framing
    keep_alive: bool


class RequestHeads:
    """Reads request heads; shared by the connections of a listener, which send much the same lines."""

    __slots__ = ("_hosts", "_lines", "_read_fields", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._read_fields = FieldReader(limits.fields, single=_SINGLE_IN_REQUEST).read
        self._lines: dict[str, _RequestLine] = {}
        self._hosts: set[str] = set()

    def parse(self, block: bytes) -> RequestHead:
        """The head in ``block``: request line and field lines, each with its line end, blank line left out.

        Raises Violation.
        """
        text = block.decode("latin-1")
        end = text.find("\r\n") + 2
        line = text[:end]
        method, target, authority, path, query, minor = self._lines.get(line) or self._learn_line(line, text)
        fields = self._read_fields(text[end:])
        if authority is not None or fields.get("host") not in self._hosts:
            self._settle_host(fields, authority, minor)
        framing = _request_framing(fields, minor)
        fields.pop("content-length", None)
        if "_" in "".join(fields):
            fields = {name: value for name, value in fields.items() if "_" not in name}
        expects = "expect" in fields
        keep_alive, waits = _keeps_alive(fields, minor), expects and minor == 1
        head = RequestHead(method, target, path, query, minor, fields, framing, keep_alive, waits)
        if expects and fields["expect"].lower() != "100-continue":
            raise Violation("expectation", "only 100-continue can be expected", head=head)
        return head

    def check_line(self, line: str) -> None:
        """Raises Violation for a request line, line end included, that cannot be served."""
        if line not in self._lines:
            self._learn_line(line, line)

    def _learn_line(self, line: str, text: str) -> _RequestLine:
        method, target, minor, _ = _parse_request_line(text, self.limits.target_bytes)
        authority, path, query = _split_target(method, target)
        found = method, target, authority, path, query, minor
        if len(line) <= LONGEST_REMEMBERED:
            if len(self._lines) >= REMEMBERED_LINES:
                self._lines.clear()
            self._lines[line] = found
        return found

    def _settle_host(self, fields: dict[str, str], authority: str | None, minor: int) -> None:
        """``host`` in ``fields`` is valid and agrees with the target, or is missing on HTTP/1.0. Raises Violation."""
        host = fields.get("host")
        if host is None:
            if minor == 1:
                raise Violation("syntax", "host is missing")
            if authority is not None:
                fields["host"] = authority
            return
        if not grammar.HOST.fullmatch(host):
            raise Violation("syntax", "host is not a host")
        if authority is not None and authority.lower() != host.lower():
            raise Violation("syntax", "host and the target's host differ")
        if len(self._hosts) < REMEMBERED_LINES and len(host) <= LONGEST_REMEMBERED:
            self._hosts.add(host)


class ResponseHeads:
    """Reads the heads of answers; shared by the connections to one upstream."""

    __slots__ = ("_lines", "_read_fields", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._read_fields = FieldReader(limits.answer_fields, single=_SINGLE_IN_RESPONSE).read
        self._lines: dict[str, tuple[int, int]] = {}

    def reader(self) -> BlockReader:
        """What collects the heads of one connection."""
        return BlockReader(self.limits.answer_head_bytes, begins=_BEGINS, check_first_line=self.check_line)

    def parse(self, block: bytes) -> ResponseHead:
        """The head in ``block``, in the form of ``RequestHeads.parse``. Raises Violation."""
        text = block.decode("latin-1")
        end = text.find("\r\n") + 2
        line = text[:end]
        status, minor = self._lines.get(line) or self._learn_line(line)
        fields = self._read_fields(text[end:])
        framing = _response_framing(fields, minor, status)
        length = fields.pop("content-length", "0")
        keep_alive = framing != "until_close" and _keeps_alive(fields, minor)
        if status == 204 and ("transfer-encoding" in fields or length != "0"):
            # It has no body, but its sender may believe that it has one (RFC 9110 §8.6, RFC 9112 §6.1).
            keep_alive = False
        return ResponseHead(status, minor, fields, framing, keep_alive)

    def check_line(self, line: str) -> None:
        """Raises Violation for a status line, line end included, that is not one of HTTP/1."""
        if line not in self._lines:
            self._learn_line(line)

    def _learn_line(self, line: str) -> tuple[int, int]:
        """Status and minor version. Raises Violation."""
        match = grammar.STATUS_LINE.fullmatch(line)
        if match is None:
            raise Violation("syntax", "the status line is not one of HTTP/1.1 or HTTP/1.0")
        found = int(match[2]), int(match[1])
        if len(line) <= LONGEST_REMEMBERED:
            if len(self._lines) >= REMEMBERED_LINES:
                self._lines.clear()
            self._lines[line] = found
        return found


def _line_mistake(text: str) -> str:
    line = text[: text.find("\n") + 1].encode("latin-1")
    return (
        grammar.ILLEGAL_REASON if grammar.ILLEGAL.search(line) else "the request line is not 'METHOD target HTTP/1.1'"
    )


def _parse_request_line(text: str, target_bytes: int) -> tuple[str, str, int, int]:
    """Method, target, minor version, and where the line ends in ``text``. Raises Violation."""
    match = grammar.REQUEST_LINE.match(text)
    if match is None:
        raise Violation("syntax", _line_mistake(text))
    method, target, version = match.groups()
    minor = _MINOR_VERSIONS.get(version)
    if minor is None:
        if version.startswith("0"):
            raise Violation("syntax", "HTTP/0.9 is not spoken here")
        raise Violation("version", "only HTTP/1.0 and HTTP/1.1 are spoken here")
    if len(target) > target_bytes:
        raise Violation("target_size", f"the target is longer than {target_bytes} bytes")
    return method, target, minor, match.end()


def _split_target(method: str, target: str) -> tuple[str | None, str, str | None]:
    """Authority (of an absolute target, else None), path and query. The four forms of RFC 9112 §3.2."""
    if method == "CONNECT":
        raise Violation("syntax", "CONNECT is not served here")
    if target[0] == "/":
        path, mark, query = target.partition("?")
        return None, path, query if mark else None
    if target == "*":
        if method != "OPTIONS":
            raise Violation("syntax", "the target '*' is for OPTIONS")
        return None, "*", None
    match = grammar.ABSOLUTE_TARGET.fullmatch(target)
    if match is None or not grammar.HOST.fullmatch(match[1]):
        raise Violation("syntax", "the target is neither a path nor an http address")
    return match[1], match[2] or "/", match[3]


def _request_framing(fields: Fields, minor: int) -> Framing:
    """A request without length has no body (RFC 9112 §6.3). Raises Violation when two readers could disagree."""
    if "transfer-encoding" in fields:
        return _chunked(fields, minor)
    length = fields.get("content-length")
    return 0 if length is None else content_length(length)


def _response_framing(fields: Fields, minor: int, status: int) -> Framing:
    if status in BODILESS_STATUS or status < 200:
        return 0
    if "transfer-encoding" in fields:
        return _chunked(fields, minor)
    length = fields.get("content-length")
    return "until_close" if length is None else content_length(length)


def _chunked(fields: Fields, minor: int) -> Framing:
    if "content-length" in fields:
        raise Violation("syntax", "content-length beside transfer-encoding")
    if minor == 0:
        raise Violation("syntax", "transfer-encoding on HTTP/1.0")
    if fields["transfer-encoding"].lower() != "chunked":
        raise Violation("syntax", "a transfer-encoding other than chunked")
    return "chunked"


def content_length(value: str) -> int:
    """The number that a Content-Length is. Raises Violation."""
    if not (value.isascii() and value.isdigit() and len(value) <= grammar.LENGTH_DIGITS):
        raise Violation("syntax", "content-length is not one plain number")
    length = int(value)
    if length > grammar.SIZE_MAX:
        raise Violation("syntax", "content-length is over 2^63")
    return length


def _keeps_alive(fields: Fields, minor: int) -> bool:
    """RFC 9112 §9.3: ``close`` wins; HTTP/1.0 must ask for ``keep-alive``."""
    connection = fields.get("connection")
    if connection is None or connection == "keep-alive":
        return minor == 1 or connection is not None
    options = _options(connection)
    return "close" not in options and (minor == 1 or "keep-alive" in options)


def _options(value: str) -> tuple[str, ...]:
    return tuple([option.strip(" \t") for option in value.lower().split(",")])
