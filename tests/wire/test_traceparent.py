"""One ``traceparent`` in, one out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.wire.traceparent import TraceContext, parse

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OURS = "b7ad6b7169203331"

hex_digits = st.text("0123456789abcdef", min_size=1)


@given(
    st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda text: text.strip("0")),
    st.text("0123456789abcdef", min_size=16, max_size=16).filter(lambda text: text.strip("0")),
    st.booleans(),
)
def test_what_is_written_is_read(trace: str, span: str, is_sampled: bool) -> None:
    """The header of a context parses to the same trace, with the span as its parent."""
    header = TraceContext(trace, span, is_sampled=is_sampled).header
    assert parse(header, OURS) == TraceContext(trace, OURS, span, is_sampled)


@given(st.text(max_size=80))
def test_no_text_raises(header: str) -> None:
    """Whatever a caller sends is a context or none; a context always has 32 lower-case digits, not all zero."""
    context = parse(header, OURS)
    if context is not None:
        assert len(context.trace_id) == 32
        assert context.trace_id.strip("0")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE[:-1]}\u0664-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01.more",
    ],
)
def test_not_valid(header: str | None) -> None:
    """Version ff, zero ids, upper case, missing or additional parts: as good as none."""
    assert parse(header, OURS) is None


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f" 00-{TRACE}-{SPAN}-01 ", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
    ],
)
def test_valid(header: str, is_sampled: bool) -> None:
    """Only the lowest flag is understood; later versions may have more behind the flags."""
    assert parse(header, OURS) == TraceContext(TRACE, OURS, SPAN, is_sampled)
