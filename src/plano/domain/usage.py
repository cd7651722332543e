"""The tokens of one request."""

from __future__ import annotations

import msgspec


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Token counts, each at least 0; None is unknown, never 0.

    In the sense of OpenTelemetry the larger counts include the smaller: ``input_tokens`` is the whole prompt, with
    ``cached_input_tokens`` (read from a cache) and ``cache_write_tokens`` (written to one) in it, ``output_tokens`` the
    whole answer, with ``reasoning_tokens`` in it. A dialect that counts them apart is added up by its parser.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
