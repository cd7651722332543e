"""The stand of the acceptance cases: a gateway under configuration F, its router model R, its upstreams UA and UO."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import httpx2
import uvloop

from plano.config.load import load_text
from plano.observe.log import Log
from plano.server.app import App
from tests.acceptance.answers import ok, route
from tests.acceptance.hosts import Answer, Host, host
from tests.running import CHAT, CODE, KEYS, TRACEPARENT, C, mission_text

AS_CODE, AS_CHAT, AS_NONE = route(CODE), route(CHAT), route()
OFF = {"x-plano-routing": "off"}
PATIENCE = "20s"
"""A busy machine is no broken router; the deadline has cases of its own."""
DECISION = {"accept": "application/vnd.plano.decision+json"}


@dataclass
class Stand:
    """``r``, ``ua``, ``uo``: the hosts. ``url``: of the gateway. Requests carry T unless they say otherwise."""

    r: Host
    ua: Host
    uo: Host
    url: str
    app: App
    log: StringIO
    client: httpx2.Client

    def post(self, path: str, body: Any, headers: Mapping[str, str | None] | None = None) -> httpx2.Response:
        """The answer; a header of None is left out, bytes are sent as they are."""
        given: dict[str, str | None] = {
            "content-type": "application/json",
            "traceparent": TRACEPARENT,
            **(headers or {}),
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {name: value for name, value in given.items() if value is not None}
        return self.client.post(self.url + path, content=content, headers=fields)

    def post_apart(self, path: str, body: Any, headers: Mapping[str, str | None] | None = None) -> httpx2.Response:
        """As ``post``, on a connection of its own: a broken stream closes the one it came on."""
        given = {"connection": "close", **(headers or {})}
        return self.post(path, body, given)

    def d(self, headers: Mapping[str, str | None] | None = None, *, query: str = "", **more: Any) -> httpx2.Response:
        """D: the decision for Q with these members and headers."""
        return self.post(f"/routing/v1/chat/completions{query}", q(**more), headers)

    def x(self, headers: Mapping[str, str | None] | None = None, **more: Any) -> httpx2.Response:
        """X: the proxy path for Q with these members and headers."""
        return self.post("/v1/chat/completions", q(**more), headers)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """The answer to a GET of the main listener."""
        return self.client.get(self.url + path, headers=headers)

    def admin(self, path: str) -> httpx2.Response:
        """The answer of the admin listener."""
        return self.client.get(f"http://127.0.0.1:{self.app.admin.port}{path}")

    def calls(self) -> tuple[int, int, int]:
        """How often R, UA and UO were called."""
        return len(self.r.calls), len(self.ua.calls), len(self.uo.calls)


def q(**more: Any) -> dict[str, Any]:
    """Q; a member of ``...`` is left out."""
    body = {"model": C, "messages": [{"role": "user", "content": "write a sorting algorithm in Python"}], **more}
    return {key: value for key, value in body.items() if value is not ...}


def config(r: str, ua: str, uo: str, *, more: str = "", text: str | None = None) -> str:
    """Configuration F: the mission's with the hosts, and ``more`` at its end."""
    lines = []
    for line in (text or mission_text()).splitlines():
        if line.startswith("routing_preferences:"):
            lines += ["  - model: plano/test-router", f"    base_url: {r}"]
        lines.append(line)
        if line.startswith(("  - model: ", "  - {model: ")) and "base_url" not in line:
            lines[-1:] = _at(line, ua if "anthropic/" in line else uo)
    router = ["overrides:", "  llm_routing_model: plano/test-router"]
    if "routing:\n" not in more:
        router += ["routing:", "  router:", f"    deadline: {PATIENCE}"]
    return "\n".join((*lines, *router, more, ""))


def _at(line: str, url: str) -> list[str]:
    if line.endswith("}"):
        return [f"{line[:-1]}, base_url: '{url}'}}"]
    return [line, f"    base_url: {url}"]


@contextmanager
def stand(*, more: str = "", text: str | None = None, router: Answer = AS_CODE) -> Iterator[Stand]:
    """A stand with its hosts; R answers ``router``, the upstreams ``ok``."""
    with ExitStack() as stack:
        r, ua, uo = (stack.enter_context(host(usual)) for usual in (lambda _: router, ok, ok))
        app, log = stack.enter_context(_gateway(config(r.url, ua.url, uo.url, more=more, text=text)))
        client = stack.enter_context(httpx2.Client(trust_env=False, timeout=30))
        yield Stand(r, ua, uo, f"http://127.0.0.1:{app.ports[0]}", app, log, client)


@contextmanager
def _gateway(text: str) -> Iterator[tuple[App, StringIO]]:
    settings = load_text(text, KEYS)
    first, *others = settings.listeners
    free = replace(settings, listeners=(replace(first, port=0), *others), admin=replace(settings.admin, port=0))
    log, loop = StringIO(), uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> App:
        app = App(free, log=Log(log))
        await app.start()
        return app

    async def stop(app: App) -> None:
        app.close()
        await asyncio.sleep(0)

    app = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        yield app, log
    finally:
        asyncio.run_coroutine_threadsafe(stop(app), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
