"""Documents and search results, and what stands beside and inside them."""

from __future__ import annotations

from typing import Any

from tests.wire.dialects.samples import CHAT, MESSAGES, PDF, RESPONSES, minimal, request


def said(content: list[dict[str, Any]]) -> dict[str, Any]:
    """A request whose only user message has these blocks."""
    return minimal(MESSAGES) | {"messages": [{"role": "user", "content": content}]}


def test_a_document_keeps_its_name() -> None:
    """Its title is the name of the file; what is told of it beside that stands in front of a text, and is named where
    there is a file. A title with a line feed and the context in it used to be the name.
    """
    told = {"title": "Report", "context": "Of the last year.\nDraft."}
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}} | told
    text = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}} | told
    lost = "messages[].content[].context: dropped, the target knows nothing of a file but its name"
    for target in (CHAT, RESPONSES):
        made = request(said([pdf]), MESSAGES, target)
        assert (b'"filename":"Report"' in made.body, made.warnings) == (True, (lost,))
        made = request(said([text]), MESSAGES, target)
        assert (b'"Report\\nOf the last year.\\nDraft.\\n\\na"' in made.body, made.warnings) == (True, ())


def test_the_wish_for_citations_is_named_wherever_it_stands() -> None:
    """On a document, on a search result, and in what stands inside of them; markers of caches likewise."""
    marker = {"type": "ephemeral"}
    inner = {"type": "text", "text": "a", "cache_control": marker}
    pdf = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}
    found = {"type": "search_result", "title": "t", "source": "s", "content": [inner]}
    parts = {"type": "document", "source": {"type": "content", "content": [inner]}}
    for target in (CHAT, RESPONSES):
        for block in (pdf, found):
            made = request(said([block | {"citations": {"enabled": True}}]), MESSAGES, target)
            assert "messages[].content[].citations: dropped, the target has no citations" in made.warnings
        for block in (found, parts):
            made = request(said([block]), MESSAGES, target)
            assert made.warnings == ("cache_control: dropped, the target finds cached prefixes by itself",)
        assert request(said([pdf | {"citations": {"enabled": False}}]), MESSAGES, target).warnings == ()
