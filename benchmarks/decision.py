"""One decision: uncached and cached, in this process, over HTTP on one connection, and under load (needs wrk, gcc)."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from proxy_bench import decisions, install
from proxy_bench.measure import servers, upstream
from proxy_bench.stacks import Target

from plano.assembly import Decider, wishes
from plano.config.load import load_text

PROMPT = "Please write a function that merges two sorted lists of numbers into one sorted list, and explain number {}"
TOPICS = (
    *("writing new code", "fixing bugs in code", "translating text", "cooking recipes", "travel planning"),
    *("legal questions", "tax and accounting", "medical advice", "small talk", "summarising documents"),
)
TRACE = "0" * 32


def config() -> str:
    """A configuration with ten routes."""
    lines = ["version: v0.4.0", "model_providers:", "  - {model: openai/gpt-4o, access_key: k, default: true}"]
    lines += ["routing_preferences:"]
    lines += [
        f"  - {{name: {topic}, description: requests about {topic}, models: [openai/gpt-4o]}}" for topic in TOPICS
    ]
    return "\n".join(lines) + "\n"


def body(number: int) -> bytes:
    """A request of about 30 tokens that differs from all others."""
    message = {"role": "user", "content": PROMPT.format(number)}
    return json.dumps({"model": "openai/gpt-4o", "messages": [message]}).encode()


def timed(work: Callable[[bytes], object], bodies: list[bytes]) -> str:
    """Median and p99 of ``work`` over the bodies."""
    samples = []
    for one in bodies:
        begin = time.perf_counter_ns()
        work(one)
        samples.append((time.perf_counter_ns() - begin) / 1000)
    samples.sort()
    return f"p50 {statistics.median(samples):9.0f} µs   p99 {samples[int(len(samples) * 0.99)]:9.0f} µs"


def in_process() -> None:
    """The planner alone."""
    decider = Decider.build(load_text(config(), {}))
    decider.warm()

    def decide(one: bytes) -> object:
        return decider.decide(decider.parse(one), wishes(TRACE, {}))

    fresh = [body(number) for number in range(300)]
    timed(decide, fresh[:20])
    print(f"in process, uncached   {timed(decide, fresh[20:])}")
    print(f"in process, cached     {timed(decide, fresh[-50:] * 20)}")


def over_http() -> None:
    """The endpoint, one connection, one request at a time."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(config())
        file.flush()
        asked_over_http(file.name)


def asked_over_http(path: str) -> None:
    """The same with the configuration in ``path``."""
    command = [sys.executable, "-m", "plano", "up", path, "--quiet", "--port", "0"]
    gateway = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert gateway.stderr is not None
        port = next(found.group(1) for line in gateway.stderr if (found := re.search(r"http://127\S+?:(\d+)", line)))
        peer = http.client.HTTPConnection("127.0.0.1", int(port))

        def ask(one: bytes) -> object:
            peer.request("POST", "/routing/v1/chat/completions", one, {"content-type": "application/json"})
            return peer.getresponse().read()

        numbers = itertools.count(1000)
        timed(ask, [body(next(numbers)) for _ in range(20)])
        fresh = [body(next(numbers)) for _ in range(280)]
        print(f"over HTTP, uncached    {timed(ask, fresh)}")
        print(f"over HTTP, cached      {timed(ask, fresh[-50:] * 20)}")
    finally:
        gateway.terminate()
        gateway.wait()


def under_load(seconds: int = 3) -> None:
    """The endpoint on one core: cached decisions by wrk, and cached ones while new texts come."""
    missing: dict[str, str] = {}
    build = Path(__file__).resolve().parent.parent / "build"
    try:
        install.command("wrk")
        with (
            tempfile.TemporaryDirectory(prefix="decision-bench-") as folder,
            upstream(Path(folder), build) as site,
            servers(site, ("plano",), 1, missing) as running,
        ):
            for server in running.values():
                server.tree.resume()
                asking = site.asking(Target("Plano", server.stack.name), server.port)
                print("\n".join(decisions.lines(decisions.measure(asking, seconds))))
    except install.Missing as error:
        missing["load"] = str(error)
    for name, reason in missing.items():
        print(f"not measured, {name}: {reason}")


if __name__ == "__main__":
    in_process()
    over_http()
    under_load()
