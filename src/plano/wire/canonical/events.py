"""A streamed answer, whatever dialect it came in: blocks are opened, filled and closed, then the answer is finished.

A decoder yields ``Begin`` once, first; ``Finished`` once, last, and only when the upstream's own terminal event was
seen. Blocks are numbered from 0 in the order in which they open; several may be open at once.
"""

from __future__ import annotations

from typing import Literal, final

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.answer import Finish

BlockKind = Literal["text", "reasoning", "refusal", "tool_call", "custom_call"]


@final
class Begin(msgspec.Struct, frozen=True, gc=False):
    """The answer begins. ``usage``: what is known of the input already."""

    id: str | None
    model: str | None
    created_s: int | None = None
    usage: Usage | None = None
    service_tier: str | None = None


@final
class Opened(msgspec.Struct, frozen=True, gc=False):
    """A block begins. ``call_id`` and ``name``: of a tool call."""

    block: int
    kind: BlockKind
    call_id: str = ""
    name: str = ""


@final
class Delta(msgspec.Struct, frozen=True, gc=False):
    """More text of a block: words, thoughts, or the text of arguments. ``logprobs``: of these words."""

    block: int
    text: str
    logprobs: msgspec.Raw | None = None


@final
class Sealed(msgspec.Struct, frozen=True, gc=False):
    """The proof of a reasoning block. ``is_hidden``: it holds the text as well."""

    block: int
    seal: str
    maker: str | None = None
    is_hidden: bool = False


@final
class Closed(msgspec.Struct, frozen=True, gc=False):
    """A block is complete."""

    block: int


@final
class Finished(msgspec.Struct, frozen=True, gc=False):
    """The answer is complete; every block is closed."""

    finish: Finish
    usage: Usage | None = None


Event = Begin | Opened | Delta | Sealed | Closed | Finished
