"""What is read in a head."""

from __future__ import annotations

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest, UnsupportedMediaType
from plano.http1.head import RequestHead
from plano.server.answering.asking import Asking, asking_of, host_name
from plano.wire.decision import MEDIA_TYPE

LOCAL = frozenset({"localhost"})
JSON = {"content-type": "application/json"}


def asking(
    fields: dict[str, str], *, path: str = "/v1/messages", spoken: Dialect | None = Dialect.ANTHROPIC_MESSAGES
) -> Asking:
    """What a head with these fields asks for."""
    head = RequestHead("POST", path, path, None, 1, fields, 0, keep_alive=True, expects_continue=False)
    return asking_of(head, spoken, LOCAL)


@pytest.mark.parametrize(
    ("accept", "is_wanted"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        (MEDIA_TYPE, True),
        (f"application/json, {MEDIA_TYPE}", True),
        (f"{MEDIA_TYPE};q=0.1", True),
        (f"{MEDIA_TYPE}; q=0", False),
        (f"{MEDIA_TYPE};q=0.000", False),
        (f"{MEDIA_TYPE};v=1;q=0.5", True),
        (f"{MEDIA_TYPE}x", False),
        (f"x{MEDIA_TYPE}", False),
    ],
)
def test_who_wants_the_decision(accept: str | None, is_wanted: bool) -> None:
    """Only a caller that names its media type, with a quality above 0."""
    assert asking({} if accept is None else {"accept": accept}).wants_decision is is_wanted


@pytest.mark.parametrize(
    ("host", "is_here"), [("localhost", True), ("LOCALHOST:80", True), ("evil.example", False), ("", False)]
)
def test_a_local_listener_answers_to_its_own_name(host: str, is_here: bool) -> None:
    """Whatever else Host says, a page of another site that had its name rebound is not served."""
    mistake = asking({"host": host}).not_here
    assert mistake is None if is_here else isinstance(mistake, InvalidRequest)


@pytest.mark.parametrize("host", ["[::1]:80", "[::1]"])
def test_an_address_in_brackets(host: str) -> None:
    """Brackets and port are no part of a name."""
    assert host_name(host) == "::1"


@pytest.mark.parametrize(
    ("fields", "is_json"),
    [
        (JSON, True),
        ({"content-type": "Application/JSON; charset=UTF-8"}, True),
        ({}, False),
        ({"content-type": "text/plain"}, False),
        ({"content-type": "application/json; charset=latin-1"}, False),
        ({**JSON, "content-encoding": "identity"}, True),
        ({**JSON, "content-encoding": "gzip"}, False),
    ],
)
def test_bodies_that_can_be_read(fields: dict[str, str], is_json: bool) -> None:
    """JSON in UTF-8, not compressed; a body without a type is none."""
    mistake = asking(fields).not_json
    assert mistake is None if is_json else isinstance(mistake, UnsupportedMediaType)


def test_what_goes_upstream_is_named() -> None:
    """Fields of the caller's own dialect and those of all; neither keys nor what is for this hop."""
    fields = {"anthropic-version": "1", "openai-beta": "x", "x-api-key": "k", "accept": "*/*", "user-agent": "u"}
    assert dict(asking(fields).to_provider) == {"anthropic-version": "1", "accept": "*/*", "user-agent": "u"}
    hop = {**fields, "connection": "close, User-Agent"}
    assert dict(asking(hop).to_provider) == {"anthropic-version": "1", "accept": "*/*"}


@pytest.mark.parametrize(
    ("path", "fields", "dialect"),
    [
        ("/v1/messages/batches", {}, Dialect.ANTHROPIC_MESSAGES),
        ("/nowhere", {"anthropic-version": "1"}, Dialect.ANTHROPIC_MESSAGES),
        ("/nowhere", {}, Dialect.OPENAI_CHAT),
    ],
)
def test_the_dialect_of_no_known_path(path: str, fields: dict[str, str], dialect: Dialect) -> None:
    """An error is told in the words that its caller seems to know."""
    assert asking(fields, path=path, spoken=None).dialect is dialect


def test_sessions_and_caches() -> None:
    """Named by their fields."""
    plain = asking({})
    assert (plain.names_session, plain.cache_off) == (False, False)
    told = asking({"x-model-affinity": "s", "x-plano-cache": " OFF"})
    assert (told.names_session, told.cache_off) == (True, True)
