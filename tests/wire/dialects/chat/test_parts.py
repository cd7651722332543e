"""The parts of a chat message, each read by its type."""

from __future__ import annotations

from typing import Any

import pytest

from plano.errors import InvalidRequest
from plano.wire.canonical.request import Media, Refusal, Text
from plano.wire.dialects.chat.parts import READERS
from plano.wire.dialects.chat.shapes import Audio, File, ImageUrl, Part
from tests.wire.dialects.samples import PDF, PNG


def test_every_type() -> None:
    """What each part says."""
    image = Part("image_url", image_url=ImageUrl(f"data:image/png;base64,{PNG}", "low"))
    assert READERS["image_url"](image) == Media("image", "base64", PNG, "image/png", detail="low")
    file = Part("file", file=File(file_data=f"data:application/pdf;base64,{PDF}", filename="a.pdf"))
    assert READERS["file"](file) == Media("document", "base64", PDF, "application/pdf", "a.pdf")
    assert READERS["file"](Part("file", file=File(file_id="f"))) == Media("document", "file", "f")
    sound = Part("input_audio", input_audio=Audio("AAAA", "wav"))
    assert READERS["input_audio"](sound) == Media("audio", "base64", "AAAA", "wav")
    assert READERS["text"](Part("text", text="a")) == Text("a")
    assert READERS["refusal"](Part("refusal", refusal="no")) == Refusal("no")


@pytest.mark.parametrize(
    ("kind", "param"),
    [("image_url", "image_url"), ("file", "file"), ("input_audio", "input_audio"), ("text", "text")],
)
def test_what_is_missing(kind: str, param: str) -> None:
    """Its place, from where the part stands."""
    with pytest.raises(InvalidRequest) as caught:
        READERS[kind](Part(kind))
    assert caught.value.param == param


@pytest.mark.parametrize("file", [File(), File(filename="a.pdf")])
def test_a_file_by_no_means(file: Any) -> None:
    """Neither data nor id."""
    with pytest.raises(InvalidRequest, match=r"file\.file_data"):
        READERS["file"](Part("file", file=file))
