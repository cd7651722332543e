"""Asking a provider of chat completions what a stream used, for a caller who did not ask, and keeping it from him."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from plano.domain.model import Dialect
from plano.wire import json_guard, sse
from plano.wire.dialects.watching import RelayedStream

_KEY = b'"stream_options"'
_ASKED = b'"stream_options":{"include_usage":true},'
_NO_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')
_COUNTED = re.compile(rb'"usage"\s*:\s*\{')


def metered(body: bytes) -> bytes | None:
    """The body of a stream with its account asked for; None where the caller asks for it, or asks nonsense.

    Everything else of the body keeps its bytes.
    """
    if _KEY not in body and b"\\u" not in body:
        return _with_options(body)
    spans = json_guard.member_spans(body)
    if "stream_options" not in spans:
        return _with_options(body)
    start, end = spans["stream_options"][1]
    options: Any = msgspec.json.decode(body[start:end])
    if options is not None and (not isinstance(options, dict) or options.get("include_usage")):
        return None
    asked = json_guard.dumps({**(options or {}), "include_usage": True})
    return body[:start] + asked + body[end:]


def _with_options(body: bytes) -> bytes:
    """``body``, an object that has members, with one more in front."""
    inside = body.index(b"{") + 1
    return body[:inside] + _ASKED + body[inside:]


class MeteredStream(RelayedStream):
    """A stream whose account was asked for behind the caller's back: that event is read, and not passed on."""

    def __init__(self) -> None:
        super().__init__(Dialect.OPENAI_CHAT)

    def _pass_on(self, events: list[bytes]) -> bytes:
        passed, rest = b"", []
        for event in events:
            if _NO_CHOICES.search(event) is None or _COUNTED.search(event) is None:
                rest.append(event)
                continue
            passed += super()._pass_on(rest)
            rest = [] if self._is_account(event) else [event]
        return passed + super()._pass_on(rest)

    def _is_account(self, event: bytes) -> bool:
        """Is this the event that counts the tokens? Then it is taken note of."""
        data = sse.data_of(event)
        if data is None or self.state != "open":
            return False
        return self._watch.see(data) == "quiet" and self._watch.usage is not None
