"""The cases of the matrix: every fault mode in every API, streamed and not, from both kinds of upstream, three ways."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from tests.faults.modes import MODES, Mode
from tests.faults.stories import Api

Upstream = Literal["openai", "anthropic"]
Position = Literal[1, 2, 3]
"""1: the only candidate. 2: first of two, the second one well. 3: both fail alike."""

APIS: tuple[Api, ...] = ("chat", "messages", "responses")
UPSTREAMS: tuple[Upstream, ...] = ("openai", "anthropic")
POSITIONS: tuple[Position, ...] = (1, 2, 3)
PATHS: Mapping[Api, str] = {
    "chat": "/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
}
CALLER_SECRET = "caller-secret-5d1f0c"
PROVIDER_SECRET = "provider-secret-9b7a2e"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``number`` tells it from the others of its mode."""

    mode: Mode
    api: Api
    is_stream: bool
    upstream: Upstream
    position: Position
    number: int

    def __str__(self) -> str:
        form = "stream" if self.is_stream else "plain"
        return f"{self.mode.id}-{self.api}-{form}-{self.upstream}-P{self.position}"

    @property
    def ids(self) -> tuple[str, ...]:
        """The upstream ids of its candidates, in order."""
        names = (f"{self.mode.id.lower()}n{self.number}a", f"{self.mode.id.lower()}n{self.number}b")
        return names[:1] if self.position == 1 else names

    @property
    def models(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(f"{self.upstream}/{each}" for each in self.ids)

    @property
    def prompt(self) -> str:
        """The last words of the caller, with a mark that nobody else has."""
        return f"mark-{self.mode.id.lower()}n{self.number} say something short"

    def fails(self, place: int) -> bool:
        """Does the candidate at that place (from 0) show the fault?"""
        return place == 0 or self.position == 3

    def trace_id(self, turn: int) -> str:
        """The trace of its how-manieth request."""
        return f"{int(self.mode.id[1:]):04x}{self.number:04x}{turn:04x}".rjust(32, "a")

    def body(self) -> bytes:
        """The request."""
        return self._body(preferences=True, model=self.models[0])

    def sent_body(self, model_id: str) -> bytes:
        """What an upstream of the same dialect must be sent: the caller's bytes, model and preferences aside."""
        return self._body(preferences=False, model=model_id)

    def _body(self, *, preferences: bool, model: str) -> bytes:
        route = {"name": "code generation", "description": "code", "models": list(self.models)}
        filler = "x" * self.mode.body_bytes
        turns = [{"role": "user", "content": self.prompt}]
        texts: dict[Api, list[str]] = {
            "chat": [f'"messages":{json.dumps([{"role": "system", "content": "be short" + filler}, *turns])}'],
            "messages": [f'"system":{json.dumps("be short" + filler)}', f'"messages":{json.dumps(turns)}'],
            "responses": [f'"instructions":{json.dumps("be short" + filler)}', f'"input":{json.dumps(turns)}'],
        }
        members = [
            f'"model": {json.dumps(model)}',
            *([f'"routing_preferences" : {json.dumps([route])}'] if preferences else []),
            *texts[self.api],
            *(['"max_tokens" :100'] if self.api == "messages" else []),
            f'"stream": {json.dumps(self.is_stream)}',
        ]
        return ("{" + ",".join(members) + "}").encode()


def cases_of(mode: Mode) -> Iterator[Case]:
    """The 36 cases of a mode."""
    forms = product(APIS, (False, True), UPSTREAMS, POSITIONS)
    for number, (api, is_stream, upstream, position) in enumerate(forms):
        yield Case(mode, api, is_stream, upstream, position, number)


CASES: tuple[Case, ...] = tuple(case for mode in MODES for case in cases_of(mode))
