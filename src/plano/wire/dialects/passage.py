"""One request on its way to one model, and the answer on its way back."""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol

import msgspec

from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.model import Dialect, Model
from plano.domain.request import ChatRequest
from plano.domain.usage import Usage
from plano.errors import PlanoError
from plano.wire.cache_markers import is_marked, marked, takes_markers
from plano.wire.dialects.answer_fates import Lost
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.call_ids import fit_native
from plano.wire.dialects.chat.metering import MeteredStream, metered
from plano.wire.dialects.chat.watch import is_bare
from plano.wire.dialects.messages.watch import check_count
from plano.wire.dialects.sights import Checked
from plano.wire.dialects.stream_translator import StreamTranslator
from plano.wire.dialects.target import Target
from plano.wire.dialects.thoughts import MakerOf, nobody_known, without_foreign
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.dialects.translate import TranslatedAnswer, translate_answer, translate_request
from plano.wire.dialects.watching import RelayedStream, check_answer, issued_in
from plano.wire.requests import derive_body, edits_of

Body = tuple[bytes | bytearray | memoryview, ...]

_NOTHING_LOST: Final[tuple[str, ...]] = ()


class AnswerStream(Protocol):
    """A stream of a provider on its way to the caller: ``RelayedStream`` and ``StreamTranslator`` say more."""

    state: Literal["open", "done", "error", "malformed"]
    has_content: bool
    has_data: bool
    dropped: int

    @property
    def is_whole(self) -> bool:
        """Has the caller got the terminal event, or will it with ``close``?"""
        ...

    def counted(self) -> Usage | None:
        """The provider's own account of tokens, when it has come."""
        ...

    def issued(self) -> Issued:
        """What of the answer its provider alone can take back; known once it is whole."""
        ...

    @property
    def lost(self) -> Lost:
        """What was left out so far."""
        ...

    @property
    def error(self) -> dict[str, Any] | None:
        """The provider's error object, in state ``error``."""
        ...

    def feed(self, data: bytes) -> bytes:
        """What the caller gets for the provider's next bytes."""
        ...

    def close(self) -> bytes:
        """What the end of the provider's body adds."""
        ...

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """The event that ends the stream for the caller when the provider did not."""
        ...


class Passage(Protocol):
    """``spoken``: the dialect of the upstream. ``body``: what it is sent. ``warnings``: what is lost on the way."""

    spoken: Dialect
    body: Body
    warnings: tuple[str, ...]

    def check(self, body: bytes) -> Checked:
        """What a body that came with status 200 is, and its usage or error object."""
        ...

    def answer(self, body: bytes, usage: Usage | None) -> TranslatedAnswer:
        """A whole answer for the caller. Raises BadAnswer when it cannot be read."""
        ...

    def stream(self) -> AnswerStream:
        """The reader of a streamed answer."""
        ...

    def issued(self, body: bytes) -> Issued:
        """What of a whole answer its provider alone can take back."""
        ...


class Untouched:
    """Both sides speak the same dialect: bytes pass as they are, thoughts of other providers excepted."""

    __slots__ = ("body", "spoken", "warnings")

    def __init__(self, spoken: Dialect, body: Body, lost: tuple[str, ...] = ()) -> None:
        self.spoken = spoken
        self.body = body
        self.warnings = lost

    def check(self, body: bytes) -> Checked:
        """By the watch of the dialect."""
        return check_answer(body, self.spoken)

    def answer(self, body: bytes, usage: Usage | None) -> TranslatedAnswer:
        """The same bytes."""
        return TranslatedAnswer(body, usage)

    def stream(self) -> AnswerStream:
        """The reader of a streamed answer."""
        return RelayedStream(self.spoken)

    def issued(self, body: bytes) -> Issued:
        """What of a whole answer its provider alone can take back."""
        return issued_in(body, self.spoken)


class Metered(Untouched):
    """As untouched, but for the account of a stream: it is asked for, and the caller does not see it."""

    __slots__ = ()

    def stream(self) -> AnswerStream:
        """The reader of a streamed answer."""
        return MeteredStream()


class Counted(Untouched):
    """A question for the number of tokens, which only one dialect has."""

    __slots__ = ()

    def check(self, body: bytes) -> Checked:
        """``whole``: a number of tokens."""
        return check_count(body)


class MaybeBare(Untouched):
    """A question that is answered by a word, or by nothing, however the provider frames it."""

    __slots__ = ()

    def check(self, body: bytes) -> Checked:
        """As of any answer; ``whole`` also where no choice says why it ended, or there is none."""
        checked = super().check(body)
        return ("whole", None) if checked[0] == "invalid" and is_bare(body) else checked


class Translated:
    """The upstream speaks another dialect than the caller."""

    __slots__ = ("_answering", "_caller", "body", "spoken", "warnings")

    def __init__(
        self, spoken: Dialect, caller: Dialect, body: Body, *, lost: tuple[str, ...], answering: Answering
    ) -> None:
        self.spoken = spoken
        self.body = body
        self.warnings = lost
        self._caller = caller
        self._answering = answering

    def check(self, body: bytes) -> Checked:
        """By the watch of the dialect."""
        return check_answer(body, self.spoken)

    def answer(self, body: bytes, usage: Usage | None) -> TranslatedAnswer:
        """The answer in the caller's dialect. Raises BadAnswer."""
        return translate_answer(body, self.spoken, self._caller, self._answering)

    def stream(self) -> AnswerStream:
        """The reader of a streamed answer."""
        return StreamTranslator(self.spoken, self._caller, self._answering)

    def issued(self, _body: bytes) -> Issued:
        """Nothing: its provider is asked not to keep it, and proofs say who made them."""
        return NOTHING_ISSUED


class Known(msgspec.Struct, frozen=True):
    """What is known from earlier requests. ``maker_of``: the provider that made a proof of thoughts."""

    maker_of: MakerOf = nobody_known
    tools: KnownTools | None = None


NOTHING_KNOWN = Known()


def passage(
    request: ChatRequest,
    model: Model,
    *,
    trace_id: str,
    now_s: int,
    marks: bool = True,
    known: Known = NOTHING_KNOWN,
) -> Passage:
    """The way of ``request`` to ``model`` and back. ``now_s``: seconds since the epoch.

    ``marks``: may markers of prompt caches be added? ``known``: from earlier requests. Raises InvalidRequest, with the
    exact place, for what the dialect of that model cannot be told.
    """
    endpoint, caller = model.endpoint, request.dialect
    spoken = endpoint.spoken(caller)
    from_tokens = model.cache_from_tokens if marks and not request.is_count else None
    if spoken is caller:
        own, lost = request.body, _NOTHING_LOST
        if not request.is_plain:
            own, lost = without_foreign(own, caller, model.provider, maker_of=known.maker_of)
            own = fit_native(own, endpoint.call_ids)
        if own is not request.body:
            edits = edits_of(own, has_preferences=request.edits.removed is not None)
            request = msgspec.structs.replace(request, body=own, edits=edits)
        return _untouched(request, model, lost, from_tokens)
    limit = model.max_output_tokens
    facts = (limit, endpoint.limit_field, model.thinks, endpoint.call_ids)
    target = Target(spoken, model.provider, model.upstream_id, *facts)
    made = translate_request(request.body, caller, target, known=known.tools)
    sent: Body = (made.body,)
    if from_tokens is not None:
        sent = _marked(sent, request, model, spoken, from_tokens)
    answering = Answering(model.provider, model.upstream_id, trace_id, now_s, made.echo)
    return Translated(spoken, caller, sent, lost=made.warnings, answering=answering)


def _untouched(request: ChatRequest, model: Model, lost: tuple[str, ...], from_tokens: int | None) -> Passage:
    """The way to a model that speaks the caller's dialect. ``lost``: what was taken out of the body already."""
    spoken = request.dialect
    body: Body = derive_body(request, model.upstream_id)
    if from_tokens is not None:
        body = _marked(body, request, model, spoken, from_tokens)
    if model.is_metered and request.is_stream and spoken is Dialect.OPENAI_CHAT:
        asked = metered(b"".join(body))
        if asked is not None:
            return Metered(spoken, (asked,), lost)
    kind = Counted if request.is_count else MaybeBare if request.may_be_bare else Untouched
    return kind(spoken, body, lost)


def _marked(body: Body, request: ChatRequest, model: Model, spoken: Dialect, from_tokens: int) -> Body:
    """The body with markers of prompt caches, where they mean something and the caller placed none."""
    if not takes_markers(model, spoken) or is_marked(request.body):
        return body
    return (marked(b"".join(body), spoken, from_tokens=from_tokens),)
