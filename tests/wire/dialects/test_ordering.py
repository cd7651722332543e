"""The order of events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.wire.canonical import answer as ends
from plano.wire.canonical.events import Begin, Closed, Delta, Event, Finished, Opened
from plano.wire.dialects.ordering import Ordering

EVENTS = st.lists(
    st.one_of(
        st.just(Begin("i", "m")),
        st.builds(Opened, st.integers(0, 3), st.sampled_from(["text", "reasoning", "tool_call"])),
        st.builds(Delta, st.integers(0, 3), st.just("x")),
        st.builds(Closed, st.integers(0, 3)),
    ),
    max_size=12,
)


@given(EVENTS)
def test_events_come_in_order(events: list[Event]) -> None:
    """One beginning, first; at most one block of words open; only open blocks are filled; all are closed at the end."""
    ordering, found = Ordering(), []
    for event in [*events, Finished(ends.Finish("stop"))]:
        found += ordering.ordered([event])
    assert isinstance(found[0], Begin)
    assert sum(isinstance(event, Begin) for event in found) == 1
    opened: dict[int, str] = {}
    for event in found:
        if isinstance(event, Opened):
            assert "tool_call" in {event.kind, *opened.values()} or not opened
            opened[event.block] = event.kind
        elif isinstance(event, Delta):
            assert event.block in opened
        elif isinstance(event, Closed):
            opened.pop(event.block)
        elif isinstance(event, Finished):
            assert not opened
