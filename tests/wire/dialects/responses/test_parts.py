"""The parts of an item, each read by its type."""

from __future__ import annotations

import pytest

from plano.errors import InvalidRequest
from plano.wire.canonical.request import Foreign, Media, Refusal, Text
from plano.wire.dialects.responses.parts import read_part
from plano.wire.dialects.responses.shapes import Audio, Part
from tests.wire.dialects.samples import CHAT, MESSAGES, PDF, PNG, RESPONSES, minimal, request


def test_every_type() -> None:
    """What each part says; a type that nobody else knows stays what it is."""
    for kind in ("input_text", "output_text", "text"):
        assert read_part(Part(kind, text="a")) == Text("a")
    image = Part("input_image", image_url=f"data:image/png;base64,{PNG}", detail="low")
    assert read_part(image) == Media("image", "base64", PNG, "image/png", detail="low")
    assert read_part(Part("input_image", file_id="f")) == Media("image", "file", "f")
    url = "https://e.example/a.pdf"
    assert read_part(Part("input_file", file_url=url)) == Media("document", "url", url)
    assert read_part(Part("input_file", file_id="f", filename="a")) == Media("document", "file", "f", name="a")
    sound = Part("input_audio", input_audio=Audio("AAAA", "wav"))
    assert read_part(sound) == Media("audio", "base64", "AAAA", "wav")
    assert read_part(Part("refusal", refusal="no")) == Refusal("no")
    assert read_part(Part("computer_screenshot")) == Foreign("computer_screenshot")


def test_a_part_without_a_type() -> None:
    """Its place, from where the part stands."""
    with pytest.raises(InvalidRequest) as caught:
        read_part(Part(text="a"))
    assert caught.value.param == "type"


def test_how_closely_a_file_is_looked_at() -> None:
    """No other dialect says that of a document: dropped and named, unless it is the default."""
    file = {"type": "input_file", "file_data": f"data:application/pdf;base64,{PDF}", "detail": "high"}
    for target in (CHAT, MESSAGES):
        made = request(minimal(RESPONSES, input=[{"role": "user", "content": [file]}]), RESPONSES, target)
        assert [line.partition(":")[0] for line in made.warnings] == ["input[].content[].detail"]
        plain = [{"role": "user", "content": [file | {"detail": "auto"}]}]
        assert request(minimal(RESPONSES, input=plain), RESPONSES, target).warnings == ()
