"""Images, documents and sounds: data addresses, and base64 that is what it says."""

from __future__ import annotations

from plano.errors import InvalidRequest
from plano.wire.canonical.request import Media, MediaKind

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def check_base64(data: str, path: str) -> None:
    """Nothing, when ``data`` is base64 (RFC 4648 section 4, padded). Raises InvalidRequest with ``path``.

    Deleting the digits costs a fifth of decoding them (117 µs against 646 µs for 200 KB).
    """
    rest = data.encode("utf-8", "replace").translate(None, _DIGITS)
    if len(data) % 4 or not data or (rest and not (rest in (b"=", b"==") and data.endswith(rest.decode()))):
        raise InvalidRequest(f"{path}: is not base64", param=path)


def data_address(media: Media) -> str:
    """The data URL (RFC 2397) of base64 data."""
    return f"data:{media.media_type or 'application/octet-stream'};base64,{media.data}"


def check_address(address: str, path: str, wanted: str = "an http or https URL") -> None:
    """Nothing, when a provider can fetch what is there. Raises InvalidRequest with ``path``."""
    if not address.startswith(("https://", "http://")):
        raise InvalidRequest(f"{path}: must be {wanted}", param=path)


def from_address(kind: MediaKind, address: str, path: str) -> Media:
    """The media behind an ``http``, ``https`` or base64 ``data`` URL. Raises InvalidRequest with ``path``."""
    if not address.startswith("data:"):
        check_address(address, path, "an http, https or data URL")
        return Media(kind, "url", address)
    head, comma, data = address[5:].partition(",")
    media_type, _, encoding = head.rpartition(";")
    if not comma or encoding != "base64" or not media_type:
        raise InvalidRequest(f"{path}: a data URL must be base64 and name its media type", param=path)
    check_base64(data, path)
    return Media(kind, "base64", data, media_type.partition(";")[0])


def document(data: str, path: str) -> Media:
    """A document given as a data URL, or as bare base64, taken for PDF. Raises InvalidRequest with ``path``."""
    if data.startswith(("data:", "https://", "http://")):
        return from_address("document", data, path)
    check_base64(data, path)
    return Media("document", "base64", data, "application/pdf")
