"""What may stand in an HTTP/1 message: every lexical rule, as one compiled pattern each.

All repetitions are possessive, so that a pattern reads its input once and never turns back. Rules that depend on the
meaning of a field stand beside the code that knows the meaning.
"""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
"""RFC 9110 §5.6.2."""

_TEXT: Final = r"[\t -~\x80-\xff]"
"""Bytes of a field value, as Latin-1: visible, space, tab, obs-text (RFC 9110 §5.5)."""

REQUEST_LINE: Final = re.compile(rf"({_NAME}) ([!\"$-\[\]-~]++) HTTP/([0-9]++(?:\.[0-9]++)?+)\r\n")
"""Method, target, version. A target holds no ``#`` and no ``\\``: proxies disagree on what they mean."""

STATUS_LINE: Final = re.compile(rf"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: {_TEXT}*+)?+\r\n")
"""Minor version, status. The space before an empty reason phrase is often left out, and harmless."""

FIELD_LINES: Final = re.compile(rf"(?:{_NAME}:{_TEXT}*+\r\n)*+")
"""Any number of field lines, each with its line end."""

FIELD_LINE: Final = re.compile(rf"({_NAME}):({_TEXT}*+)")
"""Name and value of one field line, its line end left out; the value with the white space around it."""

FIELD_NAME: Final = re.compile(_NAME)
FIELD_VALUE: Final = re.compile(rf"{_TEXT}*+")

ILLEGAL: Final = re.compile(rb"[\x00-\x08\n-\x1f\x7f](?:(?<=[^\r\n])|(?<=\r)(?=[^\n])|(?<=\n)(?<!\r\n))")
"""A control byte, or half a line end. A ``\\r`` that ends the data may still become a line end.

It begins with a set of bytes, so that the others are passed over in a tenth of the time that alternatives would take.
"""

ILLEGAL_REASON: Final = "a control byte, or half a line end"

FIELD_MISTAKES: Final = (
    (re.compile(r"(?:\A|\r\n)[ \t]"), "a field line is folded, or begins with white space"),
    (re.compile(rf"(?:\A|\r\n){_NAME}[ \t]++:"), "white space between a field name and its colon"),
    (re.compile(rf"(?:\A|\r\n){_NAME}\r\n"), "a field line has no colon"),
)
"""Why ``FIELD_LINES`` did not match, most telling first; used for the reason only, never for the verdict."""

HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z\-._~!$&'()*+,;=%]{1,255})(?::[0-9]{0,5})?")
"""``Host``: a name or an address with an optional port, never empty (RFC 9110 §7.2, RFC 3986 §3.2.2)."""

ABSOLUTE_TARGET: Final = re.compile(r"(?i:https?)://([^/?]*+)(/?+[^?]*+)(?:\?(.*+))?+")
"""Authority, path, query of an absolute target (RFC 9112 §3.2.2)."""

LENGTH_DIGITS: Final = 19
"""Of Content-Length: one plain number, no sign, no list, no space (RFC 9110 §8.6)."""

SIZE_MAX: Final = 2**63
"""The largest length or chunk size that is believed to be a number at all."""

CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,16}+)((?:;[\t -~\x80-\xff]*+)?+)\r\n")
"""Size and extension of a chunk (RFC 9112 §7.1)."""

CHUNK_LINE_BEGUN: Final = re.compile(rb"[0-9A-Fa-f]{1,16}+(?:;[\t -~\x80-\xff]*+)?+\r?+")
"""What may still become a ``CHUNK_LINE``."""
