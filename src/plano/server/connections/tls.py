"""TLS of the gateway's own listeners."""

from __future__ import annotations

import ssl

from plano.config.settings import Listener
from plano.errors import ConfigError


def tls_of(listener: Listener) -> ssl.SSLContext | None:
    """TLS 1.2 and later for a listener with a certificate. Raises ConfigError when its files cannot be used."""
    if listener.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(listener.tls_certificate, listener.tls_key)
    except (OSError, ssl.SSLError) as error:
        said = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"listener {listener.name!r}: its certificate cannot be used: {said}") from None
    return context
