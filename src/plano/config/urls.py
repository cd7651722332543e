"""URLs of the configuration: read once, strictly, and never to a host that hands out credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_PRINTABLE = re.compile(r"[!-~]+")
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,61}[A-Za-z0-9_])?)*"
)
_LOOKS_NUMERIC = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]*|[0-9]+))*")
_DEFAULT_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "valkey": 6379, "valkeys": 6379}
_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_METADATA_ADDRESSES = (
    ip_network("100.100.100.200/32"),  # Alibaba Cloud
    ip_network("168.63.129.16/32"),  # Azure's wire server
    ip_network("192.0.0.192/32"),  # Oracle Cloud
    ip_network("fd00:ec2::254/128"),  # AWS over IPv6
    ip_network("fd20:ce::254/128"),  # Google Cloud over IPv6
)
_NAT64 = ip_network("64:ff9b::/96")
_IPV4_BITS = 0xFFFFFFFF


class UrlProblem(ValueError):
    """The URL cannot be used; ``code`` is that of the finding."""

    def __init__(self, code: str, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Url:
    """``host`` without brackets and in lower case, ``port`` 1..65535, ``path`` without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them: the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS.get(self.scheme) else f"{host}:{self.port}"


def parse_url(text: str, schemes: tuple[str, ...], *, allow_userinfo: bool = False) -> Url:
    """The parts of a URL with one of ``schemes``. Raises UrlProblem."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    if _SCHEME.match(text) is None:
        raise UrlProblem("PL-C043", "the URL has no scheme", f"begin it with {wanted}")
    if _PRINTABLE.fullmatch(text) is None:
        raise UrlProblem("PL-C043", "the URL holds a space or a character outside ASCII", "percent-encode it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UrlProblem("PL-C043", "the URL has a broken host or port") from None
    if parts.scheme not in schemes:
        raise UrlProblem("PL-C043", "the URL has another scheme than the key wants", f"begin it with {wanted}")
    if "@" in parts.netloc and not allow_userinfo:
        raise UrlProblem("PL-C043", "the URL holds a user name or password", "remove it; keys belong in 'access_key'")
    if "#" in text:
        raise UrlProblem("PL-C043", "the URL holds a fragment ('#…')", "remove it")
    if port == 0:
        raise UrlProblem("PL-C043", "the URL names port 0")
    host = (parts.hostname or "").rstrip(".").lower()
    check_host(host)
    return Url(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"), parts.query)


def check_host(host: str) -> None:
    """Nothing for a host that may be connected to. Raises UrlProblem."""
    address = address_of(host)
    if address is None:
        if _HOST_NAME.fullmatch(host) is None:
            raise UrlProblem("PL-C043", "the URL has no valid host")
        if _LOOKS_NUMERIC.fullmatch(host):
            raise UrlProblem(
                "PL-C043", "the host is an IP address in an unusual form", "write it as four numbers with dots"
            )
        if host in _METADATA_NAMES:
            raise UrlProblem("PL-C044", "the host is the metadata service of a cloud")
        return
    if any(_is_refused(form) for form in _forms(address)):
        raise UrlProblem("PL-C044", "the host is a link-local or metadata address")


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that ``host`` is, None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Can only this machine reach a socket bound to ``host``?"""
    address = address_of(host)
    if address is None:
        return host.lower() == "localhost"
    return address.is_loopback


def _forms(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The address and the IPv4 address that is wrapped in it."""
    if isinstance(address, IPv4Address):
        return (address,)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & _IPV4_BITS)
    return (address,) if inner is None else (address, inner)


def _is_refused(address: IPv4Address | IPv6Address) -> bool:
    return address.is_link_local or any(address in network for network in _METADATA_ADDRESSES)
