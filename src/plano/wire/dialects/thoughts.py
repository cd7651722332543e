"""Thoughts that another provider made, taken out of a body that is otherwise relayed as it came.

A caller sends back what it was answered. When the last answer came from another provider by translation, its thoughts
stand in the caller's history in the caller's own dialect, and a native upstream would refuse them: a proof it did not
make, or a reasoning item it does not know. Only such bodies are written anew; all others keep their bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.domain.model import Dialect
from plano.wire import json_guard
from plano.wire.dialects import seals
from plano.wire.dialects.messages.thinking import is_in_loop_without_thoughts
from plano.wire.dialects.reading import NULL, given
from plano.wire.dialects.seals import proofs_in

_MARKS = (b'"plano:t:', b'"plano:h:')
_TRACES = {
    Dialect.OPENAI_CHAT: _MARKS,
    Dialect.ANTHROPIC_MESSAGES: (*_MARKS, b'"signature":""', b'"signature": ""'),
    Dialect.OPENAI_RESPONSES: (*_MARKS, b'"rs_resp_'),
}
"""What a body has in it when a translated answer may be in its history."""

_KINDS = frozenset(
    {"thinking", "redacted_thinking", "reasoning", "reasoning.text", "reasoning.encrypted", "reasoning.summary"}
)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])

DROPPED = "thoughts of another provider: dropped, only the provider that made them takes them back"
NOT_THINKING = "thinking: dropped, the target made none of the thoughts of this tool loop"


MakerOf = Callable[[str], str | None]
"""The provider that made a proof, None when that is not known."""


def nobody_known(_proof: str) -> str | None:
    """Who made a proof is not known."""
    return None


def without_foreign(
    body: bytes, dialect: Dialect, provider: str, *, maker_of: MakerOf = nobody_known
) -> tuple[bytes, tuple[str, ...]]:
    """The body for a native upstream, and one line for each loss; the same object when there is nothing to take out.

    ``body``: one that ``json_guard.loads`` and ``check_request`` accepted. ``provider``: whose proofs may stay, beside
    those that nobody is known to have made. Beside the turns that are changed every member keeps its bytes.
    """
    may_stay = _Judge(provider, maker_of)
    is_clean = not any(trace in body for trace in _TRACES[dialect])
    if is_clean and all(map(may_stay, proofs_in(body, dialect))):
        return body, ()
    members = _MEMBERS.decode(body)
    name = "input" if dialect is Dialect.OPENAI_RESPONSES else "messages"
    turns = msgspec.json.decode(members.get(name, NULL))
    if not isinstance(turns, list):
        return body, ()
    kept = [left for turn in turns if (left := _CLEANERS[dialect](turn, may_stay)) is not None]
    if kept == turns:
        return body, ()
    members[name] = msgspec.Raw(json_guard.dumps(kept))
    warnings = [DROPPED] if _thoughts(turns) != _thoughts(kept) else []
    is_native = dialect is Dialect.ANTHROPIC_MESSAGES and given(members.get("thinking", NULL)) is not None
    if is_native and is_in_loop_without_thoughts(kept):
        del members["thinking"]
        warnings.append(NOT_THINKING)
    return json_guard.dumps(members), tuple(warnings)


def _thoughts(turns: list[Any]) -> int:
    """How many there are, in whatever form."""
    blocks = [block for turn in turns for block in _blocks(turn)]
    return sum([str(block.get("type")) in _KINDS for block in blocks])


def _blocks(turn: dict[str, Any]) -> list[dict[str, Any]]:
    content = turn.get("content")
    return [turn, *(content if isinstance(content, list) else ()), *(turn.get("reasoning_details") or ())]


class _Judge:
    """Gives the bare proof, None when it is another provider's or none at all."""

    __slots__ = ("_maker_of", "_provider")

    def __init__(self, provider: str, maker_of: MakerOf) -> None:
        self._provider = provider
        self._maker_of = maker_of

    def __call__(self, seal: Any) -> str | None:
        if not isinstance(seal, str) or not seal:
            return None
        thought = seals.thought("", seal)
        maker = thought.maker or self._maker_of(seal)
        return thought.seal if maker in (None, self._provider) else None


def _clean_message(turn: Any, may_stay: _Judge) -> Any:
    content = turn.get("content")
    if not isinstance(content, list):
        return turn
    kept = [left for block in content if (left := _clean_block(block, may_stay)) is not None]
    return turn | {"content": kept} if kept else None


def _clean_block(block: Any, may_stay: _Judge) -> Any:
    key = {"thinking": "signature", "redacted_thinking": "data"}.get(str(block.get("type")))
    if key is None:
        return block
    own = may_stay(block.get(key))
    return block | {key: own} if own is not None else None


def _clean_item(turn: Any, may_stay: _Judge) -> Any:
    if turn.get("type") != "reasoning":
        return turn
    own = may_stay(turn.get("encrypted_content"))
    if turn.get("encrypted_content") is None:
        return None if str(turn.get("id")).startswith("rs_resp_") else turn
    return turn | {"encrypted_content": own} if own is not None else None


def _clean_chat(turn: Any, may_stay: _Judge) -> Any:
    details = turn.get("reasoning_details")
    if not isinstance(details, list):
        return turn
    kept = [detail for detail in details if may_stay(detail.get("signature") or detail.get("data")) is not None]
    left = {key: value for key, value in turn.items() if key != "reasoning_details"}
    return left | {"reasoning_details": kept} if kept else left


_CLEANERS = {
    Dialect.OPENAI_CHAT: _clean_chat,
    Dialect.ANTHROPIC_MESSAGES: _clean_message,
    Dialect.OPENAI_RESPONSES: _clean_item,
}
