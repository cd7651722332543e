"""Through an HTTP proxy: a tunnel for TLS (RFC 9110 §9.3.6), and what a plain request to a proxy looks like."""

from __future__ import annotations

import asyncio
import base64
import socket

from plano.domain.model import Origin, Proxy
from plano.http1.head import ResponseHeads
from plano.http1.request import RequestTemplate
from plano.http1.violation import Violation

_READ_BYTES = 4096


async def open_tunnel(sock: socket.socket, origin: Origin, proxy: Proxy, heads: ResponseHeads) -> None:
    """Asks the proxy behind ``sock`` for a tunnel to ``origin``. Raises OSError when it is refused."""
    loop = asyncio.get_running_loop()
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    authority = f"{host}:{origin.port}"
    template = RequestTemplate("CONNECT", authority, [("host", authority), *credential(proxy)])
    await loop.sock_sendall(sock, template.render((), body_size=0))
    reader = heads.reader()
    interims, rest = 0, b""
    while True:
        found = None
        try:
            found = reader.feed(rest or await _read(sock))
            rest = b""
            if found is None:
                continue
            head, rest = heads.parse(found[0]), found[1]
        except Violation as violation:
            raise OSError(f"the proxy's answer is not HTTP: {violation.reason}") from None
        if head.status >= 200:
            break
        interims += 1
        if interims > heads.limits.interim_answers:
            raise OSError("too many interim answers of the proxy")
    if not 200 <= head.status < 300:
        raise OSError(f"the proxy refuses a tunnel with status {head.status}")
    if rest:
        raise OSError("the proxy sent bytes before the tunnel was used")


def credential(proxy: Proxy) -> tuple[tuple[str, str], ...]:
    """The field that tells the proxy who asks (RFC 7617)."""
    if proxy.credential is None:
        return ()
    encoded = base64.b64encode(proxy.credential.reveal().encode()).decode("ascii")
    return (("proxy-authorization", f"Basic {encoded}"),)


async def _read(sock: socket.socket) -> bytes:
    data = await asyncio.get_running_loop().sock_recv(sock, _READ_BYTES)
    if not data:
        raise OSError("the proxy closed the connection")
    return data
