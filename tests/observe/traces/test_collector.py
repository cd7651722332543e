"""Spans for a receiver of OTLP: what it is sent, and what becomes of that."""

from __future__ import annotations

import asyncio
import itertools

import msgspec

from plano.observe.entry import Entry
from plano.observe.traces.collector import AT_ONCE_S, Collector
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.spans import Spans

from .receiver import Sent, spans_in
from .samples import OWN, whole


class Post:
    """Keeps the bodies it is given. ``trouble``: with them, None where there is none."""

    def __init__(self, trouble: str | None = None) -> None:
        self.trouble = trouble
        self.bodies: list[list[Sent]] = []

    async def __call__(self, body: bytes) -> str | None:
        """Takes one."""
        self.bodies.append(spans_in(body))
        return self.trouble


def made(number: int = 1, **changes: object) -> Entry:
    """An entry with a span."""
    return msgspec.structs.replace(whole(), span_id=f"{number:016x}", **changes)


async def test_spans_arrive() -> None:
    """Ids, times and parents as the request had them, with the attributes of the configuration."""
    post = Post()
    assert await Collector(post, Spans({"env": "test"}), version="1").send([whole()]) == Delivery(1)
    ((request, *children),) = post.bodies
    assert (request.span_id, request.kind, request.error) == (OWN, "server", None)
    assert (request.began_ns, request.ended_ns) == (10_500_000_000, 12_500_000_000)
    assert {child.parent_id for child in children} == {request.span_id}
    assert request.attributes["env"] == "test"


async def test_a_batch_is_one_body() -> None:
    """However many turns of the loop it took to write it: after half a millisecond others get theirs."""
    post, count, turns = Post(), 40, list[int]()
    batch = [made(number) for number in range(1, count + 1)]
    moments = itertools.count(0.0, AT_ONCE_S / 4)

    async def others() -> None:
        while not post.bodies:
            turns.append(len(turns))
            await asyncio.sleep(0)

    counting = asyncio.create_task(others())
    assert await Collector(post, Spans({}), version="1", monotonic=lambda: next(moments)).send(batch) == Delivery(count)
    await counting
    assert count // 5 <= len(turns) <= count // 4 + 3
    (body,) = post.bodies
    assert [span.span_id for span in body if span.kind == "server"] == [each.span_id for each in batch]


async def test_trouble() -> None:
    """Nothing was taken, for the reason that the post gives."""
    assert await Collector(Post("it is full"), Spans({}), version="1").send([made()]) == Delivery(0, "it is full")


async def test_what_cannot_be_written_costs_no_other() -> None:
    """It is left out alone; half a character in a name is no such thing. Nothing at all is no body."""
    post = Post()
    collector = Collector(post, Spans({}), version="1")
    assert await collector.send([made(1, trace_id="no hex"), made(2, model="a\ud800")]) == Delivery(1)
    (spans,) = post.bodies
    assert {span.span_id for span in spans if span.kind == "server"} == {f"{2:016x}"}
    assert spans[0].attributes["model.requested"] == r"a\ud800"
    assert await collector.send([made(1, trace_id="no hex")]) == Delivery(0)
    assert len(post.bodies) == 1
    await collector.close()
