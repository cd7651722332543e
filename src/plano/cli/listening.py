"""Why an address cannot be listened at, and what helps."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import Final

import click

from plano.config.urls import address_of

_REMEDIES: Final[Mapping[int, str]] = {
    errno.EADDRINUSE: "`--port 0` takes a free port",
    errno.EADDRNOTAVAIL: "no interface of this machine has it",
    errno.EACCES: "ports below 1024 are for the superuser",
}


def trouble(error: OSError) -> str:
    """What the system says, and what to do about it where that is known."""
    number = error.errno or 0
    if number <= 0:
        return str(error)
    said, remedy = os.strerror(number).lower(), _REMEDIES.get(number)
    return said if remedy is None else f"{said}; {remedy}"


def as_address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The value of ``--host``. Raises BadParameter where it is neither an IP address nor localhost."""
    text = None if value is None else value.strip("[] ")
    if text is not None and text != "localhost" and address_of(text) is None:
        raise click.BadParameter("expected an IP address or localhost")
    return text
