"""TLS on both sides: listeners with a certificate, providers whose certificate is verified."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import trustme

from plano.config.load import load_text
from plano.config.settings import Settings
from plano.errors import ConfigError
from plano.intent.fixed import FixedClassifier
from plano.observe.log import Log
from plano.server.app import App
from tests.running import CODE, question

CONFIG = """
version: v0.4.0
listeners: [{{type: model, name: main, port: 0{tls}}}]
model_providers:
  - {{model: openai/gpt-4o, access_key: k, default: true, base_url: "{url}"}}
routing_preferences:
  - {{name: code generation, description: code, models: [openai/gpt-4o]}}
overrides: {{upstream_tls_ca_path: {ca}}}
admin: {{enabled: false}}
"""
ANSWER = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """A certificate authority, and a folder with its certificate and one for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    cert = authority.issue_cert("localhost", "127.0.0.1")
    cert.private_key_pem.write_to_path(folder / "key.pem")
    cert.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    return authority, folder


@pytest.fixture
async def provider(authority: tuple[trustme.CA, Path]) -> AsyncIterator[int]:
    """The port of a provider that speaks TLS as localhost and answers everything alike."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority[0].issue_cert("localhost").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(ANSWER) + ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "localhost", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0)


def settings(folder: Path, url: str, *, tls: bool = False, ca: str = "ca.pem") -> Settings:
    """A configuration with one provider at ``url``."""
    files = f", tls_certificate: {folder / 'cert.pem'}, tls_key: {folder / 'key.pem'}" if tls else ""
    return load_text(CONFIG.format(tls=files, url=url, ca=folder / ca), {})


async def ask(found: Settings, *, scheme: str = "http", verify: ssl.SSLContext | bool = True) -> httpx2.Response:
    """The answer of a gateway under these settings."""
    app = App(found, log=Log(None), classifier=FixedClassifier(default=CODE))
    await app.start()
    try:
        async with httpx2.AsyncClient(trust_env=False, verify=verify) as client:
            url = f"{scheme}://localhost:{app.ports[0]}/v1/chat/completions"
            return await client.post(url, json=question(model="auto"))
    finally:
        app.close()
        await asyncio.sleep(0)


async def test_a_trusted_provider(authority: tuple[trustme.CA, Path], provider: int) -> None:
    """A provider whose certificate is signed by the configured authority, for the name that was asked, answers."""
    answer = await ask(settings(authority[1], f"https://localhost:{provider}/v1"))
    assert (answer.status_code, answer.content) == (200, ANSWER)


async def test_a_wrong_name(authority: tuple[trustme.CA, Path], provider: int) -> None:
    """A certificate for another name is a failed connection, not an answer."""
    answer = await ask(settings(authority[1], f"https://127.0.0.1:{provider}/v1"))
    assert answer.json()["error"]["code"] == "upstream_connect_failed"


async def test_an_unknown_authority(authority: tuple[trustme.CA, Path], provider: int) -> None:
    """A certificate nobody vouches for is a failed connection."""
    trustme.CA().cert_pem.write_to_path(authority[1] / "other.pem")
    answer = await ask(settings(authority[1], f"https://localhost:{provider}/v1", ca="other.pem"))
    assert answer.json()["error"]["code"] == "upstream_connect_failed"


async def test_a_listener_with_a_certificate(authority: tuple[trustme.CA, Path], provider: int) -> None:
    """A listener with a certificate speaks TLS."""
    trusting = ssl.create_default_context(cafile=str(authority[1] / "ca.pem"))
    found = settings(authority[1], f"https://localhost:{provider}/v1", tls=True)
    assert (await ask(found, scheme="https", verify=trusting)).content == ANSWER


async def test_a_certificate_that_cannot_be_used(authority: tuple[trustme.CA, Path]) -> None:
    """Files that are no certificate stop the start, with the listener's name."""
    found = settings(authority[1], "https://localhost:1/v1", tls=True)
    broken = replace(found, listeners=(replace(found.listeners[0], tls_key=str(authority[1] / "ca.pem")),))
    app = App(broken, log=Log(None), classifier=FixedClassifier())
    with pytest.raises(ConfigError, match="main"):
        await app.start()
    app.close()
