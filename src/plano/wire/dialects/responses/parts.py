"""The parts of a content: how each type of them is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from plano.wire.canonical import request as canonical
from plano.wire.dialects import media
from plano.wire.dialects.reading import missing, needed
from plano.wire.dialects.responses import shapes


def read_part(part: shapes.Part) -> canonical.Block:
    """A part of any type. Raises InvalidRequest."""
    if not part.type:
        raise missing("type")
    read = _PARTS.get(part.type)
    return read(part) if read is not None else canonical.Foreign(part.type)


def _text(part: shapes.Part) -> canonical.Block:
    return canonical.Text(needed(part.text, "text"))


def _image(part: shapes.Part) -> canonical.Block:
    if part.image_url is None and part.file_id is not None:
        return canonical.Media("image", "file", part.file_id)
    image = media.from_address("image", needed(part.image_url, "image_url"), "image_url")
    return image if part.detail in (None, "auto") else msgspec.structs.replace(image, detail=part.detail)


def _file(part: shapes.Part) -> canonical.Block:
    if part.file_data is not None:
        found = media.document(part.file_data, "file_data")
    elif part.file_url is not None:
        found = media.from_address("document", part.file_url, "file_url")
    else:
        found = canonical.Media("document", "file", needed(part.file_id, "file_data"))
    detail = part.detail if part.detail != "auto" else None
    if part.filename is None and detail is None:
        return found
    return msgspec.structs.replace(found, name=part.filename, detail=detail)


def _audio(part: shapes.Part) -> canonical.Block:
    if part.input_audio is None:
        raise missing("input_audio")
    media.check_base64(part.input_audio.data, "input_audio.data")
    return canonical.Media("audio", "base64", part.input_audio.data, part.input_audio.format)


def _refusal(part: shapes.Part) -> canonical.Block:
    return canonical.Refusal(part.refusal or "")


_PARTS: Mapping[str, Callable[[shapes.Part], canonical.Block]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
    "refusal": _refusal,
}
