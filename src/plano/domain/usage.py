"""The tokens of one request."""

from __future__ import annotations

import msgspec


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Token counts, each at least 0; None is unknown, never 0.

    In the sense of OpenTelemetry the larger counts include the smaller: ``input_tokens`` is the whole prompt, with
    ``cached_input_tokens`` (read from a cache) and ``cache_write_tokens`` (written to one) in it, ``output_tokens`` the
    whole answer, with ``reasoning_tokens`` in it. A dialect that counts them apart is added up by its parser.
    ``is_estimated``: nobody counted, so that these are no provider's numbers, and nothing is learned from them.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    is_estimated: bool = False


class Served(msgspec.Struct, frozen=True):
    """One good answer as it was measured: what latencies, lengths and costs are learned from.

    ``prompt_bytes``: of the request, media left out. ``first_s``: seconds from the attempt to the first content, None
    for an answer that came whole. ``whole_s``: seconds from the attempt to its end, None when the caller held it up.
    """

    model: str
    route: str | None
    prompt_bytes: int
    usage: Usage
    first_s: float | None
    whole_s: float | None
