"""The head of a request to an upstream: what never changes is checked and rendered once."""

from __future__ import annotations

from collections.abc import Sequence

from plano.http1 import grammar
from plano.http1.fields import FieldWriter

_OWN_FIELDS = frozenset(
    {"connection", "content-length", "transfer-encoding", "upgrade", "keep-alive", "te", "trailer", "expect"}
)
_FIXED_FIELDS = _OWN_FIELDS | {"host"}
"""A second host in a call would leave it to the receiver whom the request is for."""

_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "CONNECT"})


class RequestTemplate:
    """What all requests to one place begin with: method, target, and the fields that are always the same.

    ``fields`` hold Host. Raises ValueError when method, target, names or values cannot be written, or a field is one
    that says how the message is framed.
    """

    __slots__ = ("_further", "_has_body", "_text", "is_head")

    def __init__(self, method: str, target: str, fields: Sequence[tuple[str, str]]) -> None:
        line = f"{method} {target} HTTP/1.1\r\n"
        if not grammar.REQUEST_LINE.fullmatch(line):
            raise ValueError("the method or the target holds bytes that may not stand there")
        if [name.lower() for name, _ in fields].count("host") != 1:
            raise ValueError("host is needed once")
        self._text = line + FieldWriter(_OWN_FIELDS).write(fields)
        self._further = FieldWriter(_FIXED_FIELDS)
        self._has_body = method not in _METHODS_WITHOUT_BODY
        self.is_head = method == "HEAD"

    def render(self, fields: Sequence[tuple[str, str]], *, body_size: int) -> bytes:
        """The head of one request with ``body_size`` bytes of body and further ``fields``. Raises ValueError."""
        length = f"content-length: {body_size}\r\n" if body_size > 0 or self._has_body else ""
        return f"{self._text}{self._further.write(fields)}{length}\r\n".encode("latin-1")
