"""Proxies of the environment: ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, as curl reads them.

The name in lower case wins over the one in capitals. This machine is never reached through a proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from urllib.parse import unquote, urlsplit

from plano.config.findings import Problem
from plano.config.urls import UrlProblem, address_of, is_loopback, parse_url
from plano.domain.model import Model, Origin, Proxy
from plano.domain.secret import Secret

_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Proxies:
    """``by_scheme``: the proxy for origins of that scheme. ``exceptions``: what is reached directly, in lower case."""

    by_scheme: Mapping[str, Proxy]
    exceptions: tuple[str, ...]

    def on_the_way(self, model: Model) -> Model:
        """The model with the proxy on the way to its endpoint, if there is one."""
        proxy = self.to(model.endpoint.origin)
        return model if proxy is None else replace(model, endpoint=replace(model.endpoint, proxy=proxy))

    def to(self, origin: Origin) -> Proxy | None:
        """The proxy on the way to an origin, None where it is reached directly."""
        return None if self._is_direct(origin) else self.by_scheme.get(origin.scheme)

    def _is_direct(self, origin: Origin) -> bool:
        return is_loopback(origin.host) or any(_excepts(rule, origin) for rule in self.exceptions)


def read_proxies(env: Mapping[str, str]) -> tuple[Proxies, tuple[Problem, ...]]:
    """The proxies that ``env`` names, and what is wrong with those that cannot be used."""
    found: dict[str, Proxy] = {}
    problems = []
    for scheme in _SCHEMES:
        name, value = _first(env, f"{scheme}_proxy", "all_proxy")
        if value:
            try:
                found[scheme] = _proxy(value)
            except UrlProblem as problem:
                problems.append(Problem(problem.code, f"the variable {name}: {problem.reason}", None, problem.hint))
    _, exceptions = _first(env, "no_proxy")
    rules = tuple(rule.lower() for rule in exceptions.replace(",", " ").split())
    return Proxies(found, rules), tuple(dict.fromkeys(problems))


def _first(env: Mapping[str, str], *names: str) -> tuple[str, str]:
    for name in names:
        for spelled in (name, name.upper()):
            if env.get(spelled, "").strip():
                return spelled, env[spelled].strip()
    return names[0], ""


def _proxy(text: str) -> Proxy:
    if "://" not in text:
        text = f"http://{text}"
    if not text.lower().startswith("http://"):
        raise UrlProblem("PL-C043", "only proxies that begin with http:// can be used")
    url = parse_url(text, ("http",), allow_userinfo=True)
    parts = urlsplit(text)
    credential = None
    if parts.username is not None:
        credential = Secret(f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    return Proxy(Origin("http", url.host, url.port), credential)


def _excepts(rule: str, origin: Origin) -> bool:
    """Does an entry of ``NO_PROXY`` (``*``, a domain, a host with a port, an address, a network) name the origin?"""
    if rule == "*":
        return True
    address = address_of(origin.host)
    if address is not None and "/" in rule:
        try:
            return address in ip_network(rule, strict=False)
        except ValueError:
            return False
    host, colon, port = rule.rpartition(":")
    if colon and port.isdigit() and not host.endswith(":"):
        if int(port) != origin.port:
            return False
        rule = host
    domain = rule.strip("[]").removeprefix("*").lstrip(".")
    return bool(domain) and (origin.host == domain or origin.host.endswith(f".{domain}"))
