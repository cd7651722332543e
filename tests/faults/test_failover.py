"""The 16 failover faults: what a caller gets, and how the gateway behaves towards the troubled provider.

After FailoverBench, method 0.1. ``pass``: the whole answer (S13: a clean error) and good conduct; ``partial``: the
whole answer, conduct with a flaw; ``safe``: no answer, but a clean error in time; ``fail``: anything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from plano.domain.failover import Failover, FirstToken
from plano.mock.said import answer
from tests.faults.caller import Got
from tests.faults.cases import APIS
from tests.faults.duo import AS_SHIPPED, FIRST, SECOND, Duo, story_of
from tests.faults.stories import Api, Story
from tests.faults.timelapse import run_in_timelapse

pytestmark = pytest.mark.timeout(300)

Grade = Literal["pass", "partial", "safe", "fail"]

PROMPT = " ".join(["say", "it", "in", "about", "sixty", "words", "or", "so"] * 6)
"""The mock echoes its words: some fifty tokens."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One request and its end. ``texts``: what each of the two would say, by the number of the attempt."""

    duo: Duo
    got: Got
    story: Story

    @property
    def is_whole(self) -> bool:
        """Is this the whole text of one of the two, with an end and no error?"""
        story = self.story
        texts = [_said(model, number) for model in (FIRST, SECOND) for number in (1, 2, 3)]
        return story.text in texts and story.terminals == 1 and not story.errors

    @property
    def is_clean_error(self) -> bool:
        """Was the caller told, so that it cannot miss it?"""
        return len(self.story.errors) == 1 and self.story.terminals == 0 and self.got.is_whole

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.got.ended - self.got.began

    @property
    def attempts(self) -> int:
        """On the first model."""
        return len(self.duo.first.calls)

    def grade(self, *, conduct: bool = True, in_time: bool = True) -> Grade:
        """The grade of a fault whose best end is the whole answer."""
        if not in_time:
            return "fail"
        if self.is_whole:
            return "pass" if conduct else "partial"
        return "safe" if self.is_clean_error else "fail"


def _said(model: str, number: int) -> str:
    request = {"model": model.partition("/")[2], "messages": [{"role": "user", "content": PROMPT}]}
    return answer(request, b"", attempt=number).text


@dataclass(frozen=True, slots=True)
class Form:
    """How the request is put."""

    api: Api
    is_stream: bool

    def __str__(self) -> str:
        return f"{self.api}-{'stream' if self.is_stream else 'plain'}"


async def scene(duo: Duo, form: Form, *words: str) -> Scene:
    """One request while the first model does ``words``."""
    duo.first.script("first", words)
    got = await duo.ask(form.api, PROMPT, is_stream=form.is_stream)
    return Scene(duo, got, story_of(form.api, got, is_stream=form.is_stream))


async def s01(duo: Duo, form: Form) -> Grade:
    """Once 429 with 2 s: waiting and asking again is best, moving on at once is a flaw."""
    one = await scene(duo, form, "429-retry-after-2", "ok")
    return one.grade(conduct=one.got.fields["x-plano-model"] == FIRST and one.seconds >= 1.8)


async def s02(duo: Duo, form: Form) -> Grade:
    """429 for ever: a few attempts, then the fallback."""
    one = await scene(duo, form, "429")
    return one.grade(conduct=one.attempts <= 4)


async def s03(duo: Duo, form: Form) -> Grade:
    """Once 500: asked again."""
    one = await scene(duo, form, "500", "ok")
    return one.grade(conduct=one.got.fields["x-plano-model"] == FIRST)


async def s04(duo: Duo, form: Form) -> Grade:
    """503 for ever."""
    one = await scene(duo, form, "503")
    return one.grade(conduct=one.attempts <= 6)


async def s05(duo: Duo, form: Form) -> Grade:
    """Once a reset before the head."""
    return (await scene(duo, form, "reset", "ok")).grade()


async def s06(duo: Duo, form: Form) -> Grade:
    """Silence: asked once, answered within 100 s."""
    one = await scene(duo, form, "silence")
    return one.grade(conduct=one.attempts == 1 and one.seconds <= 100)


async def s07(duo: Duo, form: Form) -> Grade:
    """The first token after 20 s: an answer within 15 s is best."""
    one = await scene(duo, form, "slow-20")
    return one.grade(conduct=one.seconds <= 15)


async def s08(duo: Duo, form: Form) -> Grade:
    """Cut after 40 tokens."""
    return (await scene(duo, form, "cut-after-40")).grade()


async def s09(duo: Duo, form: Form) -> Grade:
    """Stalls for 30 s after 20 tokens, then breaks off; the next request is served."""
    one = await scene(duo, form, "stall-after-20-for-30", "ok")
    two = await duo.ask(form.api, PROMPT, is_stream=form.is_stream)
    return one.grade(in_time=one.seconds <= 45 and two.status == 200)


async def s10(duo: Duo, form: Form) -> Grade:
    """One malformed event."""
    return (await scene(duo, form, "malformed-after-5")).grade()


async def s11(duo: Duo, form: Form) -> Grade:
    """No ``[DONE]``: finished in time all the same."""
    one = await scene(duo, form, "no-done")
    return one.grade(in_time=one.seconds <= 8)


async def s12(duo: Duo, form: Form) -> Grade:
    """Too long a prompt: asked once, answered by the larger window."""
    one = await scene(duo, form, "context-length")
    return one.grade(conduct=one.attempts == 1 and one.got.fields["x-plano-model"] == SECOND)


async def s13(duo: Duo, form: Form) -> Grade:
    """Refused by policy: the refusal is the answer."""
    one = await scene(duo, form, "content-filter")
    if one.is_clean_error and one.got.status == 400 and not duo.second.calls:
        return "pass"
    return "partial" if one.is_whole else "fail"


async def s14(duo: Duo, form: Form) -> Grade:
    """Cut, and the fallback would refuse to go on in the middle: it is not asked to, and no error masks the first."""
    one = await scene(duo, form, "cut-after-40")
    if any(b'"assistant"' in call.body for call in duo.second.calls):
        return "fail"
    if one.is_clean_error and one.story.errors[0]["code"] != "upstream_truncated":
        return "fail"
    return one.grade()


async def s15(duo: Duo, form: Form) -> Grade:
    """503 for 60 s, a request every 4 s: all served, the first model left alone, and used again soon."""
    duo.first.script("first", ["503"])
    outage = asyncio.get_running_loop().call_later(60, duo.first.script, "first", ["ok"])
    answers, seen = [], []
    for _ in range(30):
        answers.append(await duo.ask(form.api, PROMPT, is_stream=form.is_stream))
        seen.append(len(duo.first.calls))
        await asyncio.sleep(4)
    outage.cancel()
    in_outage = sum(entry.word == "status" for entry in duo.first.ledger.entries)
    back = [got.fields["x-plano-model"] == FIRST for got in answers[-8:]]
    if not all(story_of(form.api, got, is_stream=form.is_stream).terminals == 1 for got in answers):
        return "fail"
    return "pass" if in_outage <= 10 and all(back) else "partial"


async def s16(duo: Duo, form: Form) -> Grade:
    """503 for ever: the answer names the fallback and its usage."""
    one = await scene(duo, form, "503")
    tokens = str(len(_said(SECOND, 1).split())).encode()
    return one.grade(conduct=one.got.fields["x-plano-model"] == SECOND and b'_tokens":' + tokens in one.got.body)


PLAYS: dict[str, Callable[[Duo, Form], Awaitable[Grade]]] = {
    "S01": s01, "S02": s02, "S03": s03, "S04": s04, "S05": s05, "S06": s06, "S07": s07, "S08": s08,
    "S09": s09, "S10": s10, "S11": s11, "S12": s12, "S13": s13, "S14": s14, "S15": s15, "S16": s16,
}  # fmt: skip

PARTIAL = frozenset({"S01", "S03", "S07"})
"""Answered by the next candidate at once, where the first one would have answered if asked again or left earlier."""

CUT = frozenset({"S08", "S09", "S14"})
"""The caller has seen the beginning: an error, as nobody may be asked then."""

TUNED = Failover(max_retries=1, first_token=FirstToken(most_s=10.0))
HELD = replace(TUNED, buffers_streams=True)


def graded(name: str, form: Form, failover: Failover = AS_SHIPPED) -> Grade:
    """The grade of one fault."""

    async def play() -> Grade:
        async with Duo(failover=failover) as duo:
            return await PLAYS[name](duo, form)

    return run_in_timelapse(lambda _loop: play())


@pytest.mark.parametrize("name", PLAYS)
@pytest.mark.parametrize("api", APIS)
def test_streamed(name: str, api: Api) -> None:
    """Ten pass, three are answered with a flaw in conduct, three end in a clean error, none fails."""
    expected = "partial" if name in PARTIAL else "safe" if name in CUT else "pass"
    assert graded(name, Form(api, is_stream=True)) == expected


@pytest.mark.parametrize("name", PLAYS)
@pytest.mark.parametrize("api", APIS)
def test_streamed_with_a_retry_and_less_patience(name: str, api: Api) -> None:
    """13 pass and three end in a clean error: only what broke off after its first byte has no answer."""
    assert graded(name, Form(api, is_stream=True), TUNED) == ("safe" if name in CUT else "pass")


@pytest.mark.parametrize("name", PLAYS)
@pytest.mark.parametrize("api", APIS)
def test_held_until_whole(name: str, api: Api) -> None:
    """All 16 pass: a stream that nobody has seen yet can still fail over."""
    assert graded(name, Form(api, is_stream=True), HELD) == "pass"


@pytest.mark.parametrize("name", PLAYS)
@pytest.mark.parametrize("api", APIS)
def test_not_streamed(name: str, api: Api) -> None:
    """Nothing reaches the caller before it is whole: no cut ends in an error, and none fails."""
    assert graded(name, Form(api, is_stream=False)) in ("pass", "partial")
