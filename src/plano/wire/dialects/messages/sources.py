"""What the blocks of a messages request bring with them: images, documents, search results, summaries."""

from __future__ import annotations

import msgspec

from plano.errors import InvalidRequest
from plano.wire.canonical import request as canonical
from plano.wire.dialects import media
from plano.wire.dialects.messages import shapes
from plano.wire.dialects.reading import given, missing, needed

_SOURCES = {"url": "url", "text": "data", "file": "file_id"}
"""Where the types of sources have their data."""

_NO_CITATIONS = tuple(map(msgspec.Raw, (b"{}", b'{"enabled":false}', b'{"enabled": false}', b"[]")))


def image(block: shapes.Block) -> canonical.Block:
    """An image. Raises InvalidRequest."""
    return _media("image", block)


def document(block: shapes.Block) -> canonical.Block:
    """A document. Raises InvalidRequest."""
    return _media("document", block)


def _media(kind: canonical.MediaKind, block: shapes.Block) -> canonical.Block:
    source = block.source
    if not isinstance(source, shapes.Source):
        raise missing("source")
    cache, citations = _marks(block, source.content)
    media_type = None
    if source.type == "base64":
        data = needed(source.data, "source.data")
        media.check_base64(data, "source.data")
        media_type = needed(source.media_type, "source.media_type")
    elif source.type == "content" and _is_text(source.content):
        data = _flat(source.content)
    elif source.type in _SOURCES:
        name_of_data = _SOURCES[source.type]
        data = needed(getattr(source, name_of_data), f"source.{name_of_data}")
        if source.type == "url":
            media.check_address(data, "source.url")
    else:
        return canonical.Foreign(block.type)
    form: canonical.MediaSource = "text" if source.type == "content" else source.type  # type: ignore[assignment]  # a key above
    told = block.title, None, cache, citations, block.context
    return canonical.Media(kind, form, data, media_type, *told)


def _marks(
    block: shapes.Block, inner: str | tuple[shapes.Block, ...] | shapes.Block | None
) -> tuple[msgspec.Raw | None, msgspec.Raw | None]:
    """The cache marker and the wish for citations of a block, or of what stands in it."""
    blocks = (block, *inner) if isinstance(inner, tuple) else (block,)
    caches = [given(each.cache_control) for each in blocks]
    citations = [given(each.citations) for each in blocks]
    return (
        next((each for each in caches if each is not None), None),
        next((each for each in citations if each is not None and each not in _NO_CITATIONS), None),
    )


def _is_text(content: str | tuple[shapes.Block, ...] | None) -> bool:
    return isinstance(content, str) or all(block.text is not None for block in content or ())


def _flat(content: str | tuple[shapes.Block, ...] | shapes.Block | None) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, tuple) else ()
    return "\n".join([block.text for block in blocks if block.text is not None])


def search_result(block: shapes.Block) -> canonical.Block:
    """What was found, as text below its title and where it stands."""
    head = [part for part in (block.title, block.source) if isinstance(part, str)]
    return canonical.Text("\n".join((*head, _flat(block.content))), *_marks(block, block.content))


def compaction(block: shapes.Block) -> canonical.Block:
    """What stands for the conversation before it; nothing where compacting failed."""
    if block.content is None:
        return canonical.Text("")
    if not isinstance(block.content, str):
        raise InvalidRequest("content: must be a string", param="content")
    return canonical.Text(block.content, given(block.cache_control))
