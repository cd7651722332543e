"""Proxies of the environment: whose, for whom, and for whom not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.config.load import load_text
from plano.config.proxies import read_proxies
from plano.domain.model import Model, Origin
from plano.errors import ConfigError

FILE = """version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY, default: true}
  - {model: custom/m, base_url: 'http://models.example:8080/v1', provider_interface: openai, access_key: $KEY}
  - {model: local/m, base_url: 'http://127.0.0.1:9/v1', provider_interface: openai, access_key: $KEY}
  - {model: groq/*, access_key: $KEY}
overrides: {upstream_proxy_from_environment: %s}
"""


def models(env: dict[str, str], *, is_on: str = "true") -> dict[str, Model]:
    """The models of the file in this environment, wildcards by their prefix."""
    table = load_text(FILE % is_on, {"KEY": "k" * 20, **env}).models
    return {**table.models, **{f"{prefix}/*": model for prefix, model in table.wildcards.items()}}


def ways(env: dict[str, str], **how: str) -> dict[str, str | None]:
    """The proxy of each model, as host and port."""
    return {
        name: None if (proxy := model.endpoint.proxy) is None else f"{proxy.origin.host}:{proxy.origin.port}"
        for name, model in models(env, **how).items()
    }


def test_only_where_it_is_asked_for() -> None:
    """The environment alone changes nothing."""
    env = {"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "http://proxy:3128"}
    assert set(ways(env, is_on="false").values()) == {None}


def test_by_scheme() -> None:
    """Each scheme has its own, this machine none; wildcards and the models made of them are reached the same way."""
    env = {"HTTPS_PROXY": "http://secure:3128", "http_proxy": "plain:8080"}
    assert ways(env) == {
        "openai/gpt-4o": "secure:3128",
        "custom/m": "plain:8080",
        "local/m": None,
        "groq/*": "secure:3128",
    }
    table = load_text(FILE % "true", {"KEY": "k" * 20, **env}).models
    made = table.resolve("groq/llama-3").endpoint.proxy
    assert made is not None
    assert made.origin == Origin("http", "secure", 3128)


def test_all_proxy_and_case() -> None:
    """``ALL_PROXY`` fills the gaps; small letters win over capitals; blank is none."""
    env = {"ALL_PROXY": "http://all:1", "https_proxy": "http://small:2", "HTTPS_PROXY": "http://big:3"}
    assert (ways(env)["openai/gpt-4o"], ways(env)["custom/m"]) == ("small:2", "all:1")
    assert ways({"HTTPS_PROXY": "  "})["openai/gpt-4o"] is None


@pytest.mark.parametrize(
    ("no_proxy", "is_direct"),
    [
        ("*", True),
        ("models.example", True),
        ("MODELS.example", True),
        (".example", True),
        ("*.example", True),
        ("example", True),
        ("els.example", False),
        ("models.example:8080", True),
        ("models.example:80", False),
        ("other, models.example", True),
        ("other models.example", True),
        ("", False),
        (",", False),
        ("10.0.0.0/8", False),
    ],
)
def test_exceptions(no_proxy: str, is_direct: bool) -> None:
    """``NO_PROXY`` names domains with what is below them, hosts with ports, or everything."""
    found = ways({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": no_proxy})["custom/m"]
    assert (found is None) is is_direct


@pytest.mark.parametrize(
    ("rule", "is_direct"),
    [("10.0.0.0/8", True), ("10.1.2.3", True), ("10.1.2.4", False), ("10.0.0.0/999", False), ("::/0", False)],
)
def test_exceptions_by_address(rule: str, is_direct: bool) -> None:
    """Addresses and networks."""
    proxies, _ = read_proxies({"http_proxy": "http://p:1", "no_proxy": rule})
    model = models({})["custom/m"]
    there = proxies.on_the_way(_at(model, "10.1.2.3"))
    assert (there.endpoint.proxy is None) is is_direct


def _at(model: Model, host: str) -> Model:
    return replace(model, endpoint=replace(model.endpoint, origin=Origin("http", host, 80)))


def test_a_credential_is_a_secret() -> None:
    """User and password are decoded, kept as a secret, and shown nowhere."""
    model = models({"HTTPS_PROXY": "http://user:p%40ss@proxy:3128"})["openai/gpt-4o"]
    proxy = model.endpoint.proxy
    assert proxy is not None
    assert proxy.credential is not None
    assert proxy.credential.reveal() == "user:p@ss"
    assert "p@ss" not in repr(model)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("socks5://proxy:1080", "only proxies that begin with http:// can be used"),
        ("https://proxy:1", "only proxies that begin with http:// can be used"),
        ("http://", "no valid host"),
        ("http://proxy:99999", "broken host or port"),
        ("http://169.254.169.254:80", "link-local or metadata"),
    ],
)
def test_a_proxy_that_cannot_be_used(value: str, said: str) -> None:
    """An error at start that names the variable, never what may be a password."""
    with pytest.raises(ConfigError) as caught:
        models({"HTTPS_PROXY": value})
    assert said in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
