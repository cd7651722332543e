"""Fields pass by allow-list, both ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import AuthStyle, Endpoint
from plano.domain.request import Call
from plano.domain.secret import Secret
from plano.upstream.fields import fixed, of_call, secrets, to_caller
from tests.upstream.playing import KEY, call_of, endpoint_at

HERE = endpoint_at(80)
NAMES = st.sampled_from(
    [
        *("content-type", "cache-control", "retry-after", "x-request-id", "request-id", "x-ratelimit-reset-tokens"),
        *("ratelimit", "anthropic-ratelimit-tokens-reset", "set-cookie", "server", "location", "date", "etag"),
        *(
            "openai-organization",
            "transfer-encoding",
            "content-length",
            "content-encoding",
            "x-plano-model",
            "www-authenticate",
        ),
    ]
) | st.text("abcdefgh-", min_size=1, max_size=8)


def to_provider(endpoint: Endpoint, call: Call) -> list[tuple[str, str]]:
    """All fields of one attempt: those of its destination, then those of the call."""
    replaced = frozenset(name.lower() for name, _ in endpoint.headers)
    return [*fixed(endpoint), *of_call(endpoint, call, call.request.dialect, replaced)]


@given(st.dictionaries(NAMES, st.text("xyz", max_size=3), max_size=10))
def test_nothing_unnamed_reaches_the_caller(headers: dict[str, str]) -> None:
    """What is not on the list stays; what is passes with its value; the request id gets a name of its own."""
    passed = to_caller(headers)
    allowed = ("content-type", "cache-control", "retry-after", "x-upstream-request-id")
    prefixes = ("x-ratelimit-", "ratelimit", "anthropic-ratelimit-")
    assert all(name in allowed or name.startswith(prefixes) for name, _ in passed)
    assert all(headers[name] == value for name, value in passed if name != "x-upstream-request-id")
    assert len(dict(passed)) == len(passed)
    assert set(headers) & {"content-type", "cache-control", "retry-after"} <= set(dict(passed))


def test_request_id_by_other_names() -> None:
    """The first name that is there counts."""
    assert dict(to_caller({"request-id": "b", "x-request-id": "a"}))["x-upstream-request-id"] == "a"
    assert dict(to_caller({"apim-request-id": "c"})) == {"x-upstream-request-id": "c"}


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ("bearer", "authorization", f"Bearer {KEY}"),
        ("x-api-key", "x-api-key", KEY),
        ("api-key", "api-key", KEY),
    ],
)
def test_the_key_in_its_field(auth: AuthStyle, name: str, value: str) -> None:
    """Each style has one field, and the key stands in no other."""
    sent = to_provider(replace(HERE, auth=auth), call_of())
    assert [field for field in sent if KEY in field[1]] == [(name, value)]


@pytest.mark.parametrize("passes", [False, True])
def test_an_access_token_of_anthropic(passes: bool) -> None:
    """It is no API key: whoever's it is, it goes as a bearer's."""
    token = "sk-ant-oat01-abc"
    call = call_of(credential=Secret(token))
    sent = to_provider(replace(HERE, auth="x-api-key", key=Secret(token), passthrough_auth=passes), call)
    assert [field for field in sent if token in field[1]] == [("authorization", f"Bearer {token}")]


@pytest.mark.parametrize("change", [{"auth": "none"}, {"key": None}, {"passthrough_auth": True}])
def test_no_key_no_field(change: dict[str, object]) -> None:
    """Nothing to send: no field at all, also when the caller's key should pass and there is none."""
    sent = to_provider(replace(HERE, **change), call_of())  # type: ignore[arg-type]
    assert not {"authorization", "x-api-key", "api-key"} & set(dict(sent))


def test_the_callers_key_only_where_it_passes() -> None:
    """With ``passthrough_auth`` the caller's key instead of the provider's, else never."""
    call = call_of(credential=Secret("caller-key-77"))
    assert dict(to_provider(replace(HERE, passthrough_auth=True), call))["authorization"] == "Bearer caller-key-77"
    assert "caller-key-77" not in str(to_provider(HERE, call))
    assert KEY not in str(to_provider(replace(HERE, passthrough_auth=True), call))


def test_no_callers_key_in_what_all_callers_share() -> None:
    """What is rendered once for all callers holds no key but the provider's own, and that only where it is used."""
    assert KEY in str(fixed(HERE))
    assert KEY not in str(fixed(replace(HERE, passthrough_auth=True)))


def test_static_fields_replace_the_callers() -> None:
    """A configured field wins, whatever its letters; every name is there once, and Host is the endpoint's."""
    sent = to_provider(replace(HERE, headers=(("Content-Type", "mine"), ("X-Team", "t"))), call_of())
    names = [name for name, _ in sent]
    assert sorted(set(names)) == sorted(names)
    assert (dict(sent)["content-type"], dict(sent)["x-team"], dict(sent)["host"]) == ("mine", "t", HERE.host_header)
    assert dict(sent)["accept-encoding"] == "identity"


@pytest.mark.parametrize("passes", [False, True])
def test_one_field_says_who_calls(passes: bool) -> None:
    """A configured field in the place of a key is sent in its place: of two, servers read either."""
    own = replace(HERE, headers=(("Authorization", "mine"),), passthrough_auth=passes)
    sent = to_provider(own, call_of(credential=Secret("caller-key-77")))
    assert [value for name, value in sent if name == "authorization"] == ["mine"]


def test_both_keys_are_secrets() -> None:
    """What a provider could echo: its own key and the caller's."""
    call = call_of(credential=Secret("caller-key-77"))
    assert {secret.reveal() for secret in secrets(HERE, call)} >= {KEY, "caller-key-77"}
    assert secrets(replace(HERE, key=None), call_of()) == ()
