"""The page docs/performance.md, made of one result: every figure in it is one that the run printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from proxy_bench import decisions, measure, process, workload
from proxy_bench.measure import STREAM_CONNECTIONS, PlainRow, StreamRow
from proxy_bench.result import BASELINE, MOST, Result, Spread, Summary
from proxy_bench.stacks import TARGETS

# Above this share of cut requests, CPU per request is an upper bound and marked so.
NOTABLE_SHARE = 0.05

METHOD = """## Method

One mock model server stands behind all of them: a small C program (`benchmarks/proxy_bench/upstream.c`) that answers
with a chat completion of {answer} bytes, or with {events} events, one every {interval} ms. All get the same request, a
chat body of {body} bytes with three inline `routing_preferences`. The gateway is bound to core {gateway}, the mock
server and the load generators (wrk, and `callers.c` for streams, which start spread over a second) to core {load}; all
other gateways are stopped (SIGSTOP) while one is measured. A round goes through all rows, beginning with another one
each time; a comparison is made within a round, and its median over the rounds is shown, with the smallest and the
largest in brackets. CPU is the kernel's account of the gateway's whole process tree. "Added" is a time minus the same
time without a gateway, in the same round, so a negative one is noise.

What they do is not the same. nginx and HAProxy pass bytes and write no log: they are the floor. Plano reads the body,
decides the route (remembered, because the text is the same each time), removes `routing_preferences`, sets the model,
writes an access log to a file and names its decision in the answer's header; with `X-Plano-Routing: off` it does all
but the routing. "Plano as ASGI" is the same gateway mounted in another server: the difference between its row and
Plano's is what it costs to mount it in your own server instead of running `plano up`. That server is uvicorn with
uvloop and httptools, one worker, its own access log off; Plano's is on. Portkey and LiteLLM run with their defaults and
one worker, without a data base; LiteLLM checks a master key, which it insists on, and runs on granian.

Starting is measured from the start of the process to the first request answered, memory is the resident memory of all
processes of the tree.

## Many streams at once

Out of the box a worker has room for 2,000 requests in progress, streams that are silent included, and for 1,024
connections to one upstream: a burst must not take the memory of those that are served. 10,000 streams at once need

```yaml
limits: {{connections: 11000, requests: 10000, upstream_connections: 10000}}
```

and two open files each, one for the caller and one for the provider. `plano up` raises its own limit of open files as
far as the system lets it (`ulimit -Hn`, `LimitNOFILE` of a unit) and says so where that is too little. What such a
stream costs in memory is measured by `benchmarks/idle_streams.py`.

## Do it again

```sh
{command} --json build/bench/proxy.json --page docs/performance.md
```

on Linux with two cores or more and nothing else to do. It installs what is missing: nginx-light, haproxy, wrk, gcc and
nodejs with apt-get (as root), uvicorn, LiteLLM and Portkey under `build/`. What cannot be had is left out of the
tables. `--render FILE` makes this page again from the JSON of a run.

| | |
|---|---|
"""


def text(result: Result) -> str:
    """The page in Markdown."""
    return "\n".join(_parts(result, Summary(result)))


def _parts(result: Result, summary: Summary) -> Iterator[str]:
    machine, plan = result.machine, result.plan
    yield "# Performance of the proxy path\n"
    yield "Made by `scripts/bench proxy`; do not edit by hand.\n"
    yield (
        f"{result.date}, {machine.cpu}, {machine.cores} cores. {plan.rounds} rounds of {plan.seconds} s each; load "
        f"average {machine.load_average[0]:.1f} before and {machine.load_average[1]:.1f} after the run"
        f"{_company(result)}.\n"
    )
    yield _plain(result, summary)
    yield _streams(summary)
    yield _servers(result)
    if result.decisions is not None:
        yield _decisions(result.decisions)
    yield _method(result)


def _company(result: Result) -> str:
    if result.machine.load_average[0] < 0.5:
        return ""
    return ": **the machine had other work, so read the ratios, and those only roughly**"


def _plain(result: Result, summary: Summary) -> str:
    few, some, most = result.plan.connections
    heads = (
        *("", f"req/s, {few} conn.", f"{some} conn.", f"{most} conn.", "CPU s per 10,000", "× nginx"),
        *(f"added p50, {few} conn.", "added p99", f"added p50, {some} conn.", "failed, with streams"),
    )
    rows = []
    for label in _labels(summary):
        is_bound = summary.cut_share(label) > NOTABLE_SHARE
        added = (
            summary.added_us(label, few, _p50),
            summary.added_us(label, few, _p99),
            summary.added_us(label, some, _p50),
        )
        rows.append(
            (
                label,
                *(f"{summary.rate(label, connections):,.0f}" for connections in result.plan.connections),
                f"{'≤ ' if is_bound else ''}{_figure(summary.cpu_s(label))}",
                _ratio(summary.cpu_ratio(label)) if summary.has(BASELINE) else "",
                *(_time(spread.middle) for spread in added),
                str(summary.failures(label)),
            )
        )
    title = f"## Plain requests, one worker\n\nCPU at {MOST} connections."
    bound = "\n\n≤: more than 5 % of the requests may have been cut off at the end of a round; their CPU is counted."
    return f"{title}\n\n{_table(heads, rows)}{bound if any('≤' in row[4] for row in rows) else ''}\n"


def _streams(summary: Summary) -> str:
    heads = (
        *("", "CPU µs per event", "× nginx", "added to the first event, p50", "p99"),
        *("added to an event, p50", "p99"),
    )
    values: tuple[Callable[[StreamRow], float], ...] = (
        lambda row: row.seen.first_p50_us,
        lambda row: row.seen.first_p99_us,
        lambda row: row.seen.delay_p50_us,
        lambda row: row.seen.delay_p99_us,
    )
    rows = [
        (
            label,
            _figure(summary.event_cpu_us(label)),
            _ratio(summary.event_cpu_ratio(label)) if summary.has(BASELINE) else "",
            *(_time(summary.stream_added_us(label, value).middle) for value in values),
        )
        for label in _labels(summary)
    ]
    shape = f"{STREAM_CONNECTIONS} at a time, {measure.EVENTS} events of {measure.INTERVAL_US / 1000:.0f} ms each"
    return f"## Streams\n\n{shape}.\n\n{_table(heads, rows)}\n"


def _servers(result: Result) -> str:
    rows = [
        (row.stack, f"{_middle(row.starts_s):.2f} s", f"{row.ready_mb:.0f} MB", f"{row.loaded_mb:.0f} MB")
        for row in result.servers
    ]
    heads = ("", f"start, median of {result.plan.starts}", "memory, ready", "memory, after the rounds")
    return f"## Start and memory\n\n{_table(heads, rows)}\n"


def _decisions(seen: decisions.Decisions) -> str:
    cached = [
        (str(connections), f"{row.requests / row.seconds:,.0f}", _time(row.p50_us), _time(row.p99_us))
        for connections, row in seen.cached.items()
    ]
    shown = (
        (f"cached, one every {decisions.CACHED_GAP_S * 1000:.0f} ms", seen.alone),
        (f"the same, beside {1 / decisions.NEW_GAP_S:.0f} new texts a second", seen.beside),
        ("the new texts", seen.new),
    )
    paced = [
        (name, str(times.count), _time(times.p50_us), _time(times.p99_us), str(times.degraded)) for name, times in shown
    ]
    first = _table(("connections", "req/s, cached", "p50", "p99"), cached)
    second = _table(("one connection each", "decisions", "p50", "p99", "without the router"), paced)
    return f"## Decisions\n\n`POST /routing/v1/chat/completions`, gateway on one core.\n\n{first}\n\n{second}\n"


def _method(result: Result) -> str:
    filled = METHOD.format(
        answer=len(workload.answer()),
        body=len(workload.body()),
        events=measure.EVENTS,
        interval=measure.INTERVAL_US // 1000,
        gateway=process.GATEWAY_CORE,
        load=process.LOAD_CORE,
        command=result.command,
    )
    rows = [
        *((name, version) for name, version in sorted(result.versions.items())),
        ("python", result.machine.python),
        ("kernel", result.machine.kernel),
        *((name, "did not run here") for name in sorted(result.missing)),
    ]
    return filled + "\n".join(f"| {name} | {value} |" for name, value in rows) + "\n"


def _labels(summary: Summary) -> list[str]:
    return [target.label for target in TARGETS if summary.has(target.label)]


def _p50(row: PlainRow) -> float:
    return row.seen.p50_us


def _p99(row: PlainRow) -> float:
    return row.seen.p99_us


def _middle(values: tuple[float, ...]) -> float:
    return sorted(values)[len(values) // 2]


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = (heads, ("---",) * len(heads), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _ratio(spread: Spread) -> str:
    low, high = _figure(spread.low), _figure(spread.high)
    return f"{_figure(spread.middle)} ({low} … {high})"


def _time(micros: float) -> str:
    if abs(micros) < 1000:
        return f"{micros:.0f} µs"
    return f"{micros / 1000:.1f} ms" if abs(micros) < 1_000_000 else f"{micros / 1_000_000:.1f} s"
