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
    """A running gateway, as its admin listener tells. What goes wrong ends the process with a sentence and code 1.

    Raises BadParameter for an address that is none.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._kind, self._place = _address(self._url)

    def state(self) -> dict[str, Any]:
        """The gateway now, and the last five minutes."""
        return self._document("/admin/state", "overview")

    def records(self, limit: int) -> list[dict[str, Any]]:
        """The latest requests, newest first."""
        found: list[dict[str, Any]] = self._document(f"/admin/records?limit={limit}", "records")["records"]
        return found

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        """The requests of one trace, newest first; none when it is not kept."""
        with self._asked(f"/admin/records/{quote(trace_id, safe='')}", allowed=(200, 404)) as answer:
            if answer.status == 200:
                found: list[dict[str, Any]] = self._read(answer, "records")["records"]
                return found
        # Whoever is no admin listener does not know the path either.
        self.records(1)
        return []

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

    def _document(self, path: str, member: str) -> dict[str, Any]:
        with self._asked(path) as answer:
            return self._read(answer, member)

    def _read(self, answer: HTTPResponse, member: str) -> dict[str, Any]:
        """The JSON object of an answer, which has this member where a gateway answers."""
        try:
            document = json.loads(answer.read())
        except ValueError:
            document = None
        if not isinstance(document, dict) or member not in document:
            fail(self._is_none(answer))
        return document

    @contextmanager
    def _asked(self, path: str, *, allowed: tuple[int, ...] = (200,)) -> Iterator[HTTPResponse]:
        token = os.environ.get(TOKEN)
        with closing(self._kind(self._place, timeout=PATIENCE_S)) as connection:
            try:
                connection.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
                with connection.getresponse() as answer:
                    if answer.status not in allowed:
                        fail(self._refusal(answer, has_token=bool(token)))
                    yield answer
            except (OSError, HTTPException) as error:
                said = getattr(error, "strerror", None) or str(error) or type(error).__name__
                fail(f"no gateway answers at {self._url} ({said}): start one with `plano up`, or name it with --admin")

    def _refusal(self, answer: HTTPResponse, *, has_token: bool) -> str:
        if answer.status == 401:
            asks = f"{self._url} asks for its token"
            return f"{asks}: that in {TOKEN} is another" if has_token else f"{asks}: set {TOKEN}"
        try:
            said = json.loads(answer.read())["error"]["message"]
        except (ValueError, KeyError, TypeError):
            return self._is_none(answer)
        return self._is_none(answer) if answer.status == 404 else f"{self._url}: {said}"

    def _is_none(self, answer: HTTPResponse) -> str:
        said = f"{self._url} is not the admin listener of a gateway: what answers there ({answer.status}) is another"
        return f"{said}; `plano up` says where that is"


def _address(url: str) -> tuple[type[HTTPConnection], str]:
    """What connects to an address, and host and port; its credentials are left out."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise click.BadParameter(f"{url!r} is no address such as {DEFAULT}", param_hint="--admin")
    return HTTPSConnection if parts.scheme == "https" else HTTPConnection, parts.netloc.rpartition("@")[2]
