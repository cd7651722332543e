"""What an entry says of a record: everything that is known, nothing that is not, and no secret."""

from __future__ import annotations

import msgspec
import pytest

from plano.domain.attempt import Abandoned, Answered, Receipt, Try
from plano.domain.catalog import Price, Rates
from plano.domain.snapshot import Quote
from plano.domain.usage import Served, Usage
from plano.observe.clerk import LONGEST_TEXT, Clerk
from plano.observe.entry import served_of
from plano.observe.record import Record
from plano.wire.traceparent import TraceContext

from .samples import TRACE_ID, decision, record, tried

USED = Usage(input_tokens=10, output_tokens=5)
KEY_FIELDS = {"authorization": "Bearer sk-planted", "x-api-key": "sk-planted", "cookie": "sk-planted"}


def clerk(*, prefixes: tuple[str, ...] = ()) -> Clerk:
    """It is 1,000 s after the epoch, and 50 s on the other clock."""
    return Clerk(lambda: 1000.0, lambda: 50.0, b"k", header_prefixes=prefixes)


def test_times_are_told_by_the_wall() -> None:
    """A request that ended three seconds ago ended three seconds before now, however late its entry is made."""
    entry = clerk().enter(msgspec.structs.replace(record(), ended_at=47.0, arrived_s=0.25))
    assert (entry.ended_at, entry.seconds, entry.arrived_s) == (997.0, 0.5, 0.25)


def test_attempts_are_told_from_the_head_of_the_request() -> None:
    """When each began and how long it took; a candidate that was passed over took no time, not zero."""
    receipt = Receipt((Try("a", "500", 10.1, 0.2), Try("b", "held"), Try("c", "200", 10.3, 0.15)), Answered(200))
    entry = clerk().enter(msgspec.structs.replace(record(decision("a"), receipt), ended_at=10.5))
    assert entry.attempts is not None
    first, second, third = entry.attempts
    assert first.began_s == pytest.approx(0.1)
    assert first.seconds == 0.2
    assert second.seconds is None
    assert third.began_s == pytest.approx(0.3)
    assert entry.served_by == "c"


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/v1/chat/completions", "openai_chat"),
        ("/routing/v1/messages", "anthropic_messages"),
        ("/v1/responses", "openai_responses"),
        ("/v1/models", None),
        ("/", None),
        (None, None),
    ],
)
def test_the_dialect_is_that_of_the_path(path: str | None, dialect: str | None) -> None:
    """Known for paths that speak one."""
    assert clerk().enter(record(path=path)).dialect == dialect


def test_usage_and_cost_of_a_stream() -> None:
    """What the provider counted, and what that cost at the price the decision saw; otherwise nothing, and never 0."""
    made = decision("a")
    quote = Quote(4.0, "config", 0.0, price=Price(Rates(1.0, 3.0)))
    priced = msgspec.structs.replace(made, candidates=(msgspec.structs.replace(made.candidates[0], price=quote),))
    answered = msgspec.structs.replace(record(priced, tried(("a", "200"))), usage=lambda: USED, is_stream=True)
    known = clerk().enter(answered)
    assert (known.usage, known.cost_usd) == (USED, (10 * 1.0 + 5 * 3.0) / 1e6)
    unpriced = clerk().enter(msgspec.structs.replace(answered, decision=made))
    assert (unpriced.usage, unpriced.cost_usd) == (USED, None)
    uncounted = clerk().enter(msgspec.structs.replace(answered, usage=lambda: None))
    assert (uncounted.usage, uncounted.cost_usd) == (None, None)


def test_the_cost_of_a_whole_answer_is_known_already() -> None:
    """Its caller was told; of a request that nobody answered there is none."""
    answered = msgspec.structs.replace(record(decision("a"), tried(("a", "200"))), usage=lambda: USED, cost_usd=0.5)
    assert clerk().enter(answered).cost_usd == 0.5
    assert clerk().enter(msgspec.structs.replace(answered, receipt=None)).cost_usd is None


@pytest.mark.parametrize(
    ("is_stream", "first_at", "ended_at", "times"),
    [
        (False, None, None, (None, 0.5)),
        (True, None, 13.0, (0.5, 3.0)),
        (True, 10.75, 13.0, (0.75, 3.0)),
        (True, None, None, (0.5, None)),
    ],
)
def test_times_of_the_attempt_that_was_answered(
    is_stream: bool, first_at: float | None, ended_at: float | None, times: tuple[float | None, float | None]
) -> None:
    """To its first content and to its end, from its own beginning; a whole answer has no first content of its own."""
    receipt = Receipt((Try("a", "500", 1.0, 2.0), Try("b", "200", 10.0, 0.5)), Answered(200))
    made = msgspec.structs.replace(
        record(decision("a", "b"), receipt),
        is_stream=is_stream,
        first_content_at=first_at,
        content_ended_at=ended_at,
        prompt_bytes=77,
        usage=lambda: USED,
    )
    entry = clerk().enter(made)
    assert (entry.first_content_s, entry.whole_s) == times
    assert served_of([entry]) == [Served("b", "code", 77, USED, *times)]


def test_the_first_token_is_that_of_a_stream() -> None:
    """From the head of the request to the first content: arrival and stages, connecting being part of the attempt."""
    stages = (("parse", 0.001), ("connect", 5.0), ("ttft", 0.4))
    made = record(decision("a"), tried(("a", "200")), stages=stages)
    streamed = msgspec.structs.replace(made, is_stream=True, arrived_s=0.1)
    assert clerk().enter(streamed).first_token_s == pytest.approx(0.501)
    assert clerk().enter(msgspec.structs.replace(streamed, is_stream=False)).first_token_s is None
    left = msgspec.structs.replace(streamed, receipt=Receipt((Try("a", "client_closed"),), Abandoned()))
    assert (clerk().enter(left).first_token_s, clerk().enter(left).served_by) == (None, None)


def test_what_callers_made_up_is_cut() -> None:
    """Ids, names and paths of a megabyte leave 256 characters, and a mark that there was more."""
    long = "x" * 1_000_000
    entry = clerk().enter(msgspec.structs.replace(record(path=f"/{long}"), request_id=long, model=long))
    for text in (entry.path, entry.request_id, entry.model):
        assert text is not None
        assert len(text) == LONGEST_TEXT + 1
        assert text.endswith("…")


def test_only_chosen_fields_are_shown_and_never_a_key() -> None:
    """Those whose name begins with a chosen prefix; credentials do not, whatever the prefix."""
    fields = {"x-team": "a", "x-user": "b" * 5000, "accept": "*/*", **KEY_FIELDS}
    made = msgspec.structs.replace(record(), fields=fields)
    assert clerk().enter(made).headers == {}
    assert clerk(prefixes=("x-team",)).enter(made).headers == {"x-team": "a"}
    everything = clerk(prefixes=("",)).enter(made).headers
    assert everything == {"x-team": "a", "x-user": "b" * LONGEST_TEXT, "accept": "*/*"}


def test_a_record_does_not_print_its_fields() -> None:
    """A traceback or a debugger's list shows the id, not the key of a caller."""
    assert "planted" not in repr(Record(TRACE_ID, 200, 0.1, fields=KEY_FIELDS))


def test_its_place_in_the_trace() -> None:
    """The span of the gateway, and that of the caller."""
    trace = TraceContext(TRACE_ID, "1" * 16, "2" * 16, is_sampled=False)
    entry = clerk().enter(msgspec.structs.replace(record(), trace=trace))
    assert (entry.span_id, entry.parent_id, entry.is_sampled) == ("1" * 16, "2" * 16, False)
