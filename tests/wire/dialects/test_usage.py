"""Token counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.domain.usage import Usage
from plano.wire.dialects import usage

COUNT = st.none() | st.integers(0, 1000)


@given(st.integers(2000, 9999), COUNT, COUNT, COUNT, COUNT)
def test_counts_there_and_back(
    total: int, output: int | None, cached: int | None, written: int | None, thought: int | None
) -> None:
    """Each dialect's counts give the canonical ones again."""
    known = Usage(total, output or 0, cached, written, thought)
    chat = usage.to_chat(known)
    details = {key: chat.get(key) for key in ("prompt_tokens_details", "completion_tokens_details")}
    assert chat["total_tokens"] == total + (output or 0)
    assert (details["prompt_tokens_details"] or {}).get("cached_tokens") == cached
    messages = usage.to_messages_delta(known)
    read = usage.MessagesUsage(
        messages["input_tokens"],
        messages["output_tokens"],
        messages["cache_read_input_tokens"],
        messages["cache_creation_input_tokens"],
        usage.ThinkingDetails(thought) if thought is not None else None,
    )
    assert usage.from_messages(read) == known


def test_later_counts_replace_earlier_ones() -> None:
    """A stream reports totals, not steps: nothing is added up."""
    first = usage.from_messages(usage.MessagesUsage(10, 1, 30, 20))
    assert first == Usage(60, 1, 30, 20)
    later = usage.from_messages(usage.MessagesUsage(output_tokens=7), earlier=first)
    assert later == Usage(60, 7, 30, 20)
