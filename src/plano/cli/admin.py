"""Asking a running gateway, by its admin listener."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from plano.cli.settings import fail

DEFAULT = "http://127.0.0.1:12001"
TOKEN = "PLANO_ADMIN_TOKEN"  # noqa: S105 - the name of a variable
PATIENCE_S = 10.0

Command = TypeVar("Command", bound=Callable[..., Any])


def option(command: Command) -> Command:
    """The option that names the admin listener."""
    return click.option(
        "--admin",
        "url",
        default=DEFAULT,
        show_default=True,
        envvar="PLANO_ADMIN",
        help=f"Address of the gateway's admin listener; its token is read from {TOKEN}.",
    )(command)


class Admin:
    """A running gateway, as its admin listener tells. What goes wrong ends the process with a sentence and code 1."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise click.BadParameter(f"{url!r} is no address such as {DEFAULT}", param_hint="--admin")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._place = parts.netloc.rpartition("@")[2]

    def records(self, limit: int) -> list[dict[str, Any]]:
        """The latest requests, newest first."""
        found: list[dict[str, Any]] = self.get(f"/admin/records?limit={limit}")["records"]
        return found

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        """The requests of one trace, newest first; none when it is not kept."""
        with self._asked(f"/admin/records/{quote(trace_id, safe='')}", allowed=(200, 404)) as answer:
            return list(json.loads(answer.read()).get("records", ()))

    def get(self, path: str) -> Any:
        """The document at a path."""
        with self._asked(path) as answer:
            return json.loads(answer.read())

    def events(self) -> Generator[tuple[str, dict[str, Any]]]:
        """Kind and document of each event, as it comes, until the gateway ends."""
        kind = ""
        with self._asked("/admin/events") as answer, suppress(OSError, HTTPException):
            while line := answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    @contextmanager
    def _asked(self, path: str, *, allowed: tuple[int, ...] = (200,)) -> Iterator[HTTPResponse]:
        token = os.environ.get(TOKEN)
        with closing(self._kind(self._place, timeout=PATIENCE_S)) as connection:
            try:
                connection.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
                answer = connection.getresponse()
            except (OSError, HTTPException) as error:
                said = getattr(error, "strerror", None) or str(error) or type(error).__name__
                fail(f"no gateway answers at {self._url} ({said}): start one with `plano up`, or name it with --admin")
            with answer:
                if answer.status not in allowed:
                    fail(_refusal(self._url, answer))
                yield answer


def _refusal(url: str, answer: HTTPResponse) -> str:
    if answer.status == 401:
        return f"{url} asks for its token: set {TOKEN}"
    try:
        return f"{url}: {json.loads(answer.read())['error']['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{url} is not the admin listener of a gateway: it answered {answer.status}"
