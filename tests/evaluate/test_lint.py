"""Which routes are found at fault, by what the router said to their prompts."""

from __future__ import annotations

from plano.domain.route import Route
from plano.evaluate.lint import Finding, lint
from plano.evaluate.probes import ANYTHING, Heard, Probe, Source

A, B, C = (Route(name, f"about {name}", ("m",)) for name in "abc")
REST = Route("general", "anything else", ("m",))


def said(
    wanted: str | None,
    winner: str | None,
    *,
    got: str | None = "wanted",
    number: int = 0,
    source: Source = "description",
) -> Heard:
    """A prompt of ``wanted`` that ``winner`` would take; without ``got`` the configuration as it is takes it right."""
    scores = {name: 0.9 if name == winner else 0.1 for name in ("a", "b", "c", "general")}
    return Heard(Probe(f"{wanted} {number}", wanted, source), wanted if got == "wanted" else got, scores, 0.6)


def kinds(*heard: Heard, routes: tuple[Route, ...] = (A, B, C)) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.kind, finding.routes) for finding in lint(routes, heard)]


def test_nothing_wrong() -> None:
    """Routes that win their own prompts, or whose words alone are too few for anyone, are left in peace."""
    assert kinds(said("a", "a"), said("b", "b"), said("b", None), said("c", None)) == []


def test_unreachable() -> None:
    """Every prompt goes to others: that, and not an overlap as well."""
    (found,) = lint((A, B, C), (said("a", "b"), said("a", "c", number=1), said("b", "b"), said("c", "c")))
    assert (found.kind, found.level, found.routes) == ("unreachable", "warning", ("a", "b", "c"))
    assert found.prompts[0].scores == (("b", 0.9), ("a", 0.1))
    assert found.prompts[0].probe.text == "a 0"


def test_one_lost_prompt_is_an_overlap() -> None:
    """Of a route with a single prompt nobody can say never."""
    assert kinds(said("a", "b"), said("b", "b")) == [("overlap", ("a", "b"))]


def test_overlap() -> None:
    """From a third of the prompts of either on, and two of them; below it is an accident."""
    lost = [said("a", "b", number=1), said("a", "b", number=2)]
    kept = [said("a", "a", number=n) for n in range(3, 7)]
    assert kinds(*lost, *kept) == [("overlap", ("a", "b"))]
    assert kinds(*lost, *kept, said("a", None, number=9)) == []
    assert kinds(lost[0], *kept[:2]) == []
    assert kinds(lost[0], kept[0]) == []
    (found,) = lint((A, B), (*lost, *kept, said("b", "a"), said("b", "b", number=1)))
    assert "2 of 6 prompts of the first" in found.said
    assert "1 of 2 the other way round" in found.said
    assert len(found.prompts) == 3


def test_vague() -> None:
    """More than half of its own words, as the configuration stands, reach no threshold."""
    assert kinds(said("a", None, got=None), said("a", "a", number=1)) == []
    assert kinds(said("a", None, got=None)) == [("vague", ("a",))]


def test_too_broad_for_others() -> None:
    """It takes three prompts of at least two others, and of a third of them."""
    heard = [said("a", "a"), *(said(name, name, number=n) for name in "bc" for n in range(1, 8))]
    taken = [said("b", "a"), said("c", "a"), said("c", "a", number=9)]
    assert kinds(*heard, *taken) == [("broad", ("a", "b", "c"))]
    assert kinds(*heard, *taken[:2]) == []
    assert kinds(*heard[:6], *(said("b", "a", number=n) for n in range(20, 24))) == [("overlap", ("a", "b"))]


def anything(taker: str | None, count: int) -> list[Heard]:
    return [said(None, taker, got=taker, number=n, source="anything") for n in range(count)] + [
        said(None, None, got=None, number=n, source="anything") for n in range(count, len(ANYTHING))
    ]


def test_too_broad_for_anything() -> None:
    """It takes a third of what belongs nowhere."""
    assert kinds(said("a", "a"), *anything("a", 3)) == []
    assert kinds(said("a", "a"), *anything("a", 4)) == [("broad", ("a",))]


def test_a_route_for_the_rest() -> None:
    """Taking anything is its purpose; where it does not, that is a note and no warning."""
    routes = (A, REST)
    assert kinds(said("a", "a"), *anything("general", 6), routes=routes) == []
    (found,) = lint(routes, (said("a", "a"), *anything("general", 1)))
    assert (found.kind, found.level, found.routes) == ("catch-all", "note", ("general",))
    assert "11 of 12" in found.said


def test_warnings_come_first() -> None:
    """Notes are read last."""
    found: tuple[Finding, ...] = lint((REST, A, B), (*anything(None, 0), said("a", "b"), said("b", "b")))
    assert [one.level for one in found] == ["warning", "note"]
