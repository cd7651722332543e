"""The files of the page at ``/ui/``, as they came with the package: no build, nothing from elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

FOLDER = Path(__file__).resolve().parents[2] / "ui"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""By suffix; a file of any other kind is not served."""

FIELDS: Final = (
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-cache"),
)


class File(msgspec.Struct, frozen=True):
    """One file. ``tag``: changes with its content (RFC 9110 §8.8.3)."""

    body: bytes
    media_type: str
    tag: str


class Files:
    """The files by their path; read when somebody first looks, and then kept: 150 KB at most."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._files: Mapping[str, File] | None = None

    def find(self, path: str) -> File | None:
        """The file at ``/ui/…``, None when there is none. Only names that were listed lead to a file."""
        if self._files is None:
            self._files = {
                f"/ui/{file.relative_to(self._folder).as_posix()}": _read(file)
                for file in sorted(self._folder.rglob("*"))
                if file.suffix in MEDIA_TYPES
            }
        return self._files.get("/ui/index.html" if path == "/ui/" else path)


def _read(file: Path) -> File:
    body = file.read_bytes()
    return File(body, MEDIA_TYPES[file.suffix], f'"{hashlib.sha256(body).hexdigest()[:16]}"')
