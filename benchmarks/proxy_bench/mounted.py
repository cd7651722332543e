"""Plano inside another server, as a user would mount it: the application that uvicorn is given."""

from __future__ import annotations

import os

from plano.config.load import load
from plano.observe.log import Log
from plano.server.asgi import AsgiGateway


def application() -> AsgiGateway:
    """The gateway of mounted.yaml in the working directory; it writes its access log to stderr, as `plano up` does."""
    stderr = os.fdopen(2, "w", buffering=65536, closefd=False, encoding="utf-8")
    return AsgiGateway(load("mounted.yaml", os.environ), log=Log(stderr))
