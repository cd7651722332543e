"""A gateway as users start it, mock models with the paces of real ones behind it, and callers of all kinds."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from plano.mock.behaviour import Pace, Script
from plano.mock.provider import MockProvider
from seeing_bench.prompts import Callers

CODER, REASONER = "anthropic/claude-sonnet-4-5", "openai/gpt-5"
SMALL, QUICK, LOCAL = "openai/gpt-5-mini", "gemini/gemini-2.5-flash", "ollama/qwen2.5-coder:14b"
PACES: Mapping[str, Pace] = {
    CODER: Pace(0.62, 140.0),
    REASONER: Pace(0.85, 120.0),
    SMALL: Pace(0.34, 220.0),
    QUICK: Pace(0.21, 320.0),
    LOCAL: Pace(0.12, 60.0),
}
ROUTES = f"""
routing_preferences:
  - name: code generation
    description: writing new code, functions, tests or boilerplate
    models: [{CODER}, {REASONER}, "{LOCAL}"]
  - name: debugging
    description: finding and explaining what is wrong with existing code
    models: [{REASONER}, {CODER}]
  - name: summarising
    description: condensing a document or a text into fewer words
    models: [{QUICK}, {SMALL}]
    selection_policy: {{prefer: cheapest}}
  - name: general questions
    description: casual conversation, explanations and everyday questions
    models: [{SMALL}, {QUICK}]
    selection_policy: {{prefer: balanced}}
"""
OUTAGE = (0.45, 0.62)
"""The part of the time in which the coder's provider is overloaded."""

LIMITED = (17, 60)
"""In this part of so many the small model's provider is over its limit."""

SESSIONS = 40
_PATHS = ("/v1/chat/completions", "/v1/chat/completions", "/v1/messages", "/v1/responses")
_TYPES = {"content-type": "application/json"}


@dataclass(slots=True)
class Gateway:
    """A running one. ``url``, ``admin``: without a path at the end.

    ``failed_over``: traces of later turns, streamed, whose first model failed.
    """

    url: str
    admin: str
    providers: dict[str, MockProvider]
    statuses: dict[int, int] = field(default_factory=dict)
    failed_over: list[str] = field(default_factory=list)


@asynccontextmanager
async def served() -> AsyncIterator[Gateway]:
    """The gateway, for as long as it is open."""
    providers = {name: MockProvider(pace=pace) for name, pace in PACES.items()}
    for provider in providers.values():
        await provider.start()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plano.yaml"
        file.write_text(_configuration(providers), encoding="utf-8")
        words = [sys.executable, "-m", "plano", "up", str(file), "--port", "0", "--quiet", "--json"]
        env = {**os.environ, "PLANO_STATE_DIR": folder, "PLAYED_KEY": "played"}
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, env=env)
        assert process.stdout is not None
        try:
            ready = json.loads(await process.stdout.readline())
            yield Gateway(ready["api"][0].removesuffix("/v1"), ready["ui"].removesuffix("/ui/"), providers)
        finally:
            process.terminate()
            await process.wait()
            for provider in providers.values():
                provider.stop()


async def busy(gateway: Gateway, *, seconds: float, per_second: float, seed: int = 7) -> None:
    """Callers ask for so long, at random moments; a provider fails for part of the time."""
    callers, began = Callers(seed), time.monotonic()
    running: set[asyncio.Task[None]] = set()
    async with httpx2.AsyncClient(base_url=gateway.url, trust_env=False, timeout=60) as client:
        while (passed := (time.monotonic() - began) / seconds) < 1:
            _weather(gateway, passed)
            task = asyncio.create_task(_asked(gateway, client, callers))
            running.add(task)
            task.add_done_callback(running.discard)
            await asyncio.sleep(callers.chance.expovariate(per_second * (1 + 0.5 * (passed > 0.3))))
        await asyncio.gather(*running)


def _weather(gateway: Gateway, passed: float) -> None:
    """Which provider is ill at this moment."""
    begin, end = OUTAGE
    gateway.providers[CODER].everyone = Script(("overloaded",) if begin < passed < end else ("ok",))
    is_limited = int(passed * LIMITED[1]) == LIMITED[0]
    gateway.providers[SMALL].everyone = Script(("429-retry-after-2",) if is_limited else ("ok",))


async def _asked(gateway: Gateway, client: httpx2.AsyncClient, callers: Callers) -> None:
    chance = callers.chance
    path, is_stream, turns = chance.choice(_PATHS), chance.random() < 0.7, callers.conversation()
    headers = dict(_TYPES)
    if chance.random() < 0.25:
        headers["x-model-affinity"] = f"session-{chance.randrange(SESSIONS)}"
    if chance.random() < 0.08:
        path = f"/routing{path}"
    body = json.dumps(_body(path, turns, is_stream=is_stream)).encode()
    if chance.random() < 0.012:
        body = body[:-9] if chance.random() < 0.5 else body.replace(b'"auto"', b'"gpt-5-minni"')
    answer = await client.post(path, content=body, headers=headers)
    gateway.statuses[answer.status_code] = gateway.statuses.get(answer.status_code, 0) + 1
    is_later = len(turns) > 1
    if is_later and is_stream and ", " in answer.headers.get("x-plano-attempts", ""):
        gateway.failed_over.append(answer.headers["traceparent"].split("-")[1])


def _body(path: str, turns: list[dict[str, str]], *, is_stream: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"model": "auto", "stream": is_stream}
    if path.endswith("/responses"):
        return body | {"input": turns}
    if path.endswith("/messages"):
        return body | {"messages": turns, "max_tokens": 1024}
    return body | {"messages": turns} | ({"stream_options": {"include_usage": True}} if is_stream else {})


def _configuration(providers: Mapping[str, MockProvider]) -> str:
    lines = ["version: v0.4.0", "admin: {port: 0}", "model_providers:"]
    for name, provider in providers.items():
        lines += [f'  - model: "{name}"', f"    base_url: http://127.0.0.1:{provider.port}/v1"]
        lines += [] if name == LOCAL else ["    access_key: $PLAYED_KEY"]
        lines += ["    default: true"] if name == SMALL else []
    return "\n".join(lines) + ROUTES
