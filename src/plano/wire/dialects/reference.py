"""The reference page of translation, printed from the tables that the codecs run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plano.domain.model import Dialect
from plano.wire.dialects.answer_fates import ANSWER_TABLES, BECAUSE, NO_NEWS
from plano.wire.dialects.chat import fields as chat
from plano.wire.dialects.fates import FEATURES, Field, Place, fate
from plano.wire.dialects.finishes import FROM_CHAT, FROM_MESSAGES, to_chat, to_messages, to_responses
from plano.wire.dialects.messages import fields as messages
from plano.wire.dialects.responses import fields as responses

_INTRODUCTION = """\
# Translation

A request goes to any model, whatever dialect its caller speaks and its provider understands. Between equal dialects
nothing is translated: the bytes pass as they are. Between different ones every field has one of four fates:

| Fate | What happens |
|---|---|
| pass | the same name and value |
| map | arrives in the other dialect's own form |
| drop | is left out, and named in the `x-plano-warnings` header |
| refuse | 400 with the field's path; nothing is sent |

A field that is in no table, at whatever depth, is dropped and named. A `null` counts as absent. This page is made from
the tables that the translators run on.

Numbers have the range of the caller's dialect, and words are those of its schema: one beyond it is a 400 with the
field's path and what may stand there, where the request is translated. Where it is not, the provider judges, as hosts
of one dialect take more than its schema does (a limit of -1, say, or a tier of their own). Where the target takes less,
the nearest that it takes is sent, with a warning.

A message that says nothing is a mistake in messages, as Anthropic has it, whoever is asked: 400 with its path, but for
a last one of the model. OpenAI's dialects take an empty text, and carry it to each other. To messages it is left out
with a warning; where it is the turn to be answered, that target refuses it. An empty list is a mistake in chat.

A member of an answer or of an event of a stream that the caller's dialect has no place for is named as well. What comes
up in a stream behind its head is on the span, in the log line and in the record of the request; so is, always, what
comes with nearly every answer and no caller can act on: what tells of the provider's machines, and shares of a count
whose total arrives. A null, a zero and an empty list or text count as absent.

Ids of calls have the form that the provider takes, the same for a call and its results. Mistral takes nine letters and
digits only, so callers of its own dialect have ids of other providers replaced as well; all beside the messages stays.

A tool whose name the target does not take (longer than it allows, or with other characters than letters, digits, `-`
and `_`) is sent under one made of its name alone, so that it is the same in every turn. The caller sees its own name.

Thoughts (thinking and reasoning) carry a proof of the provider that made them. An answer in another dialect shows who
that was, and a later request gives the thoughts back to that provider only; for any other they are dropped.
"""
_NAMES = {
    Dialect.OPENAI_CHAT: "Chat completions",
    Dialect.ANTHROPIC_MESSAGES: "Messages",
    Dialect.OPENAI_RESPONSES: "Responses",
}
TABLES: Mapping[Dialect, tuple[tuple[Field, ...], Mapping[str, Place]]] = {
    Dialect.OPENAI_CHAT: (chat.FIELDS, chat.PLACES),
    Dialect.ANTHROPIC_MESSAGES: (messages.FIELDS, messages.PLACES),
    Dialect.OPENAI_RESPONSES: (responses.FIELDS, responses.PLACES),
}
"""The fields and the places of each dialect."""


def markdown() -> str:
    """The page: every field of each dialect with its fate in the others; then those of answers, and why they end."""
    answers = [_answers(source) for source in ANSWER_TABLES]
    return "\n".join([_INTRODUCTION, *[_section(source) for source in TABLES], *answers, _finishes()])


def _section(source: Dialect) -> str:
    targets = [target for target in TABLES if target is not source]
    head = f"## From {_NAMES[source].lower()}\n\n| Field | {' | '.join(f'to {_NAMES[each]}' for each in targets)} |\n"
    rows = [f"| {_named(field)} | {' | '.join(_cells(field, targets))} |" for field in TABLES[source][0]]
    return head + "|---|---|---|\n" + "\n".join(rows) + "\n"


def _named(field: Field) -> str:
    own = field.path.rpartition(".")[2]
    limits = [str(each) if each.member in (None, own) else f"`{each.member}` {each}" for each in field.within]
    return f"`{field.path}` ({'; '.join(limits)})" if limits else f"`{field.path}`"


def _cells(field: Field, targets: list[Dialect]) -> Iterator[str]:
    for target in targets:
        places = TABLES[target][1]
        found = fate(field, places)
        place = places.get(field.feature)
        if place is None:
            yield f"{found}: {FEATURES[field.feature].because}"
            continue
        where = f" to `{place.path}`" if place.path and found == "map" else ""
        yield f"{found}{where}" + (f": {place.note}" if place.note else "")


def _answers(source: Dialect) -> str:
    targets = [target for target in ANSWER_TABLES if target is not source]
    head = f"## Answers from {_NAMES[source].lower()}\n\n"
    head += f"| Member | {' | '.join(f'to {_NAMES[each]}' for each in targets)} |\n|---|---|---|\n"
    rows = []
    for member in ANSWER_TABLES[source][0]:
        cells = [_answer_cell(member, ANSWER_TABLES[target][1]) for target in targets]
        rows.append(f"| `{member.path}` | {' | '.join(cells)} |")
    return head + "\n".join(rows) + "\n"


def _answer_cell(member: Field, places: Mapping[str, Place]) -> str:
    place = places.get(member.feature)
    if place is None:
        where = ", on the span alone" if member.feature in NO_NEWS else ""
        return f"drop{where}: {BECAUSE[member.feature]}"
    found = "pass" if place.path == member.path else f"map to `{place.path}`" if place.path else "map"
    return found + (f": {place.note}" if place.note else "")


def _finishes() -> str:
    rows = []
    for dialect, table in ((Dialect.OPENAI_CHAT, FROM_CHAT), (Dialect.ANTHROPIC_MESSAGES, FROM_MESSAGES)):
        for word, reason in table.items():
            incomplete = to_responses(reason)[0]
            status = "completed" if incomplete is None else f"incomplete, `{incomplete}`"
            said = (f"`{to_chat(reason)[0]}`", f"`{to_messages(reason)[0]}`", status)
            rows.append(f"| `{word}` ({_NAMES[dialect].lower()}) | {' | '.join(said)} |")
    head = (
        "## Why answers end\n\n"
        "A word that stands in no table, or has no counterpart, is kept as `native_finish_reason`, and the dialect's\n"
        "own field says that the answer was cut short.\n\n"
        "| Said by the upstream | Chat completions | Messages | Responses |\n|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"
