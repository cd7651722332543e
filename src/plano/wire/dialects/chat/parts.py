"""The parts of a content: how each type of them is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from plano.wire.canonical import request as canonical
from plano.wire.dialects import media
from plano.wire.dialects.chat import shapes
from plano.wire.dialects.reading import given, missing, needed


def _text(part: shapes.Part) -> canonical.Block:
    return canonical.Text(needed(part.text, "text"), given(part.cache_control))


def _image(part: shapes.Part) -> canonical.Block:
    if part.image_url is None:
        raise missing("image_url")
    image = media.from_address("image", part.image_url.url, "image_url.url")
    return msgspec.structs.replace(image, detail=part.image_url.detail, cache=given(part.cache_control))


def _file(part: shapes.Part) -> canonical.Block:
    file = part.file
    if file is None:
        raise missing("file")
    if file.file_data is None:
        if file.file_id is None:
            raise missing("file.file_data")
        return canonical.Media("document", "file", file.file_id, name=file.filename)
    document = media.document(file.file_data, "file.file_data")
    return msgspec.structs.replace(document, name=file.filename, cache=given(part.cache_control))


def _audio(part: shapes.Part) -> canonical.Block:
    if part.input_audio is None:
        raise missing("input_audio")
    media.check_base64(part.input_audio.data, "input_audio.data")
    return canonical.Media("audio", "base64", part.input_audio.data, part.input_audio.format)


def _refusal(part: shapes.Part) -> canonical.Block:
    return canonical.Refusal(part.refusal or "")


READERS: Mapping[str, Callable[[shapes.Part], canonical.Block]] = {
    "text": _text,
    "image_url": _image,
    "file": _file,
    "input_audio": _audio,
    "refusal": _refusal,
}
"""Every type that another dialect may have a form for. They raise InvalidRequest."""
