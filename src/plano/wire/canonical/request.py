"""A request, whatever dialect it came in.

Blocks keep the order and the grouping of the source: ``Message.at`` counts its messages or items, and the position of
a block counts its parts, so that an encoder can name the place of what it must refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, final

import msgspec

from plano.errors import InvalidRequest
from plano.wire.canonical.echo import Echo

Role = Literal["user", "assistant", "system"]
MediaKind = Literal["image", "document", "audio"]
MediaSource = Literal["base64", "url", "text", "file"]


@final
class Text(
    msgspec.Struct,
    frozen=True,
    gc=False,
    tag_field="type",
    tag="text",
    rename={"cache": "cache_control"},
    omit_defaults=True,
):
    """Words. ``cache``: the marker that a prefix ends here. ``citations``: the source's own list.

    As JSON it is a block of the Messages API, and without a marker and citations a part of a chat message too.
    """

    text: str
    cache: msgspec.Raw | None = None
    citations: msgspec.Raw | None = None


@final
class Media(msgspec.Struct, frozen=True, gc=False):
    """An image, a document or a sound.

    ``data``: base64 digits, an address, plain text, or the id of an uploaded file, as ``source`` says. ``media_type``:
    of base64 data. ``name``: file name or title. ``context``: what is told of it beside that. ``detail``: how closely
    an image is looked at. ``citations``: the wish to have it cited.
    """

    kind: MediaKind
    source: MediaSource
    data: str
    media_type: str | None = None
    name: str | None = None
    detail: str | None = None
    cache: msgspec.Raw | None = None
    citations: msgspec.Raw | None = None
    context: str | None = None

    @property
    def as_text(self) -> str:
        """Of a document that is given as text: its words, below all that is told of it."""
        head = "\n".join(filter(None, (self.name, self.context)))
        return f"{head}\n\n{self.data}" if head else self.data


@final
class Reasoning(msgspec.Struct, frozen=True, gc=False):
    """What a model thought. ``seal``: its proof for the provider ``maker``. ``is_hidden``: the text is in the seal."""

    text: str
    seal: str | None = None
    maker: str | None = None
    is_hidden: bool = False


@final
class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why the model declined."""

    text: str


@final
class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """``arguments``: the text of a JSON object; free text when ``is_custom``."""

    id: str
    name: str
    arguments: str
    is_custom: bool = False
    cache: msgspec.Raw | None = None


@final
class Calls:
    """The calls of a conversation, as far as it is read: ``made`` in their order, and their ``ids``."""

    __slots__ = ("ids", "made")

    def __init__(self) -> None:
        self.made: list[ToolCall] = []
        self.ids: set[str] = set()

    def add(self, call: ToolCall) -> None:
        """The next one."""
        self.made.append(call)
        self.ids.add(call.id)


@final
class ToolResult(msgspec.Struct, frozen=True, gc=False):
    """What a tool answered to the call ``call_id``."""

    call_id: str
    content: tuple[Text | Media, ...]
    is_error: bool = False
    is_custom: bool = False
    cache: msgspec.Raw | None = None

    @property
    def texts(self) -> tuple[Text, ...]:
        """Its words without what stands between them."""
        first = self.content[0] if len(self.content) == 1 else None
        return (first,) if type(first) is Text else tuple([part for part in self.content if type(part) is Text])


@final
class Foreign(msgspec.Struct, frozen=True, gc=False):
    """A block of a kind that only its own dialect knows."""

    kind: str


Block = Text | Media | Reasoning | Refusal | ToolCall | ToolResult | Foreign


@final
class PlainMessage(msgspec.Struct, frozen=True, gc=False):
    """A message of one unmarked text, as nearly all are, by nobody who is named. ``content``: never empty.

    As JSON it is a message of a chat and of the Messages API.
    """

    role: Role
    content: str

    @property
    def texts(self) -> tuple[Text, ...]:
        """The words."""
        return (Text(self.content),)


@final
class Message(msgspec.Struct, frozen=True, gc=False):
    """Any other message. ``at``: which message or item of the source. ``name``: of the speaker."""

    role: Role
    content: tuple[Block, ...]
    at: int = 0
    name: str | None = None

    @property
    def texts(self) -> tuple[Text, ...]:
        """Its words without what stands between them."""
        return tuple([block for block in self.content if type(block) is Text])


AnyMessage = PlainMessage | Message


def place_last(messages: list[AnyMessage], at: int) -> None:
    """Gives the last message its place where not every target takes it: white space, or a turn of the model."""
    last = messages[-1] if messages else None
    if type(last) is PlainMessage and (last.role == "assistant" or last.content.isspace()):
        messages[-1] = Message(last.role, (Text(last.content),), at)


NO_PARAMETERS = msgspec.Raw(b'{"type":"object","properties":{}}')


@final
class Tool(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={"schema": "input_schema", "is_strict": "strict", "cache": "cache_control"},
    omit_defaults=True,
):
    """A tool that the caller runs. ``schema``: JSON Schema of its arguments. ``is_strict``: None is no, as everywhere.

    As JSON it is a tool of the Messages API.
    """

    name: str
    schema: msgspec.Raw
    description: str | None = None
    is_strict: Literal[True] | None = None
    cache: msgspec.Raw | None = None


@final
class CustomTool(msgspec.Struct, frozen=True, gc=False):
    """A tool that the caller runs, and that takes free text. ``grammar``: the form that the text must have."""

    name: str
    description: str | None = None
    grammar: msgspec.Raw | None = None


@final
class ForeignTool(msgspec.Struct, frozen=True, gc=False):
    """A tool that the provider runs, or one of a kind that only its own dialect knows."""

    kind: str


AnyTool = Tool | CustomTool | ForeignTool


class Toolbox(msgspec.Struct, frozen=True, gc=False):
    """The tools of a request. ``raw``: the JSON that they were read from. ``strange``: exact places of fields outside
    the shapes. ``custom``: names of those that take free text. ``odd``: names that not every dialect takes.
    ``written``: what encoders made of them, with the lines that told what was lost; None where nothing shall be kept.
    """

    raw: msgspec.Raw
    tools: tuple[AnyTool, ...]
    strange: tuple[str, ...]
    custom: frozenset[str]
    written: dict[Callable[..., Any], tuple[msgspec.Raw, tuple[str, ...]]] | None = None
    odd: tuple[str, ...] = ()


NO_TOOLS = Toolbox(msgspec.Raw(b"[]"), (), (), frozenset())


class ToolChoice(msgspec.Struct, frozen=True, gc=False):
    """``named``: the tool ``name``. ``allowed``: none but ``names``; one of them must be used when ``is_forced``."""

    mode: Literal["auto", "none", "required", "named", "allowed"]
    name: str | None = None
    names: tuple[str, ...] = ()
    is_forced: bool = False


class Effort(msgspec.Struct, frozen=True, gc=False):
    """How much the model shall think.

    ``mode``: ``on``, ``off``, or ``adaptive`` where the model decides. ``effort``: none, minimal, low, medium, high,
    xhigh or max. ``budget``: tokens. ``summary``: what of it is shown: auto, concise, detailed.
    """

    mode: Literal["on", "off", "adaptive"] = "on"
    effort: str | None = None
    budget: int | None = None
    summary: str | None = None


class Format(msgspec.Struct, frozen=True, gc=False):
    """The form of the answer's text. ``schema``: only for ``json_schema``.

    ``kind``: ``json_object``, ``json_schema``, or what only some hosts know.
    """

    kind: str
    name: str | None = None
    schema: msgspec.Raw | None = None
    is_strict: bool | None = None
    description: str | None = None


class Request(msgspec.Struct, frozen=True, gc=False):
    """``system``: what stands before the conversation. ``box``: its tools. ``options``: by feature name, see
    ``dialects.fates``.
    """

    system: tuple[Text, ...]
    messages: tuple[AnyMessage, ...]
    box: Toolbox
    options: Mapping[str, Any]
    is_stream: bool = False


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A request as it was read. ``calls``: those of its conversation, in order. ``strange``: exact places of fields
    outside the shapes.

    ``beyond``: a number that its dialect does not take, of which hosts of the same dialect judge for themselves.
    """

    request: Request
    echo: Echo
    calls: Sequence[ToolCall] = ()
    strange: tuple[str, ...] = ()
    beyond: InvalidRequest | None = None
