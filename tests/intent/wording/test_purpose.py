"""What a route is for, out of its name and description."""

from __future__ import annotations

import pytest

from plano.intent.wording.purpose import excluded, purpose, spoken


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("promo codes, gift cards. Not refunds.", "promo codes, gift cards"),
        ("billing; never refunds, returns or exchanges", "billing"),
        ("stuck on an exercise and wants a nudge, not the answer", "stuck on an exercise and wants a nudge"),
        ("Everything about cards but not fraud. Limits, too.", "Everything about cards. Limits, too"),
        (
            "Put together a quote: items, validity. (Not the mail.) Discounts.",
            "Put together a quote: items, validity. Discounts",
        ),
        ("Salaries by role (no individuals)", "Salaries by role"),
        ("just the code, no explanation", "just the code"),
        ("Pictures, excluding logos", "Pictures"),
        ("Excludes: refunds, returns. Exchanges only.", "Exchanges only"),
        ("Personal loans. Mortgages are handled by another route.", "Personal loans"),
        (
            "Kaputtes im Haushalt und in der Küche (Hahn, Lampe). Keine Computer.",
            "Kaputtes im Haushalt und in der Küche (Hahn, Lampe)",
        ),
    ],
)
def test_what_a_description_excludes_is_left_out(description: str, said: str) -> None:
    """A route drew the requests that its author had excluded, because an encoder reads over the "not"."""
    assert purpose(description) == said


@pytest.mark.parametrize(
    "description",
    [
        "Not a customer yet: prices, trial, demo",
        "credit, including but not limited to refunds",
        "new code, not only in Python",
        "goodbye, no way out, overdose",
        "devices, no longer under warranty",
        "no-show, time slot",
        "notices that need no action",
        "códigos que no funcionan para la factura",
        "style, .bib entry, et al",
        "not refunds",
        "",
        "...",
        "()",
    ],
)
def test_everything_else_stays_as_it_was_written(description: str) -> None:
    """Also what would leave nothing."""
    assert purpose(description) == description


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("The user wants the result as a table", "the result as a table"),
        ("Use this when the customer asks for a refund", "a refund"),
        ("Questions about investing", "investing"),
        ("Handles requests about parental leave", "parental leave"),
        ("Requests for help", "help"),
        ("The user asks", "The user asks"),
    ],
)
def test_openings_that_say_nothing_are_left_out(description: str, said: str) -> None:
    """Half of a policy's descriptions may begin with the same words, which are like nothing that is asked."""
    assert purpose(description) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("code_review", "code review"),
        ("code-review", "code review"),
        ("CodeReview", "Code Review"),
        ("SQL", "SQL"),
        ("e-mail drafts", "e-mail drafts"),
        ("__", "__"),
    ],
)
def test_a_name_is_read_as_it_is_said(name: str, said: str) -> None:
    """The second encoder knows no word with an underscore in it."""
    assert spoken(name) == said


def test_fifty_kilobytes_take_no_longer_than_their_length_asks() -> None:
    """A description of dashes held the router for fifty seconds: a pattern began again at each of them."""
    for text in (
        "not " * 12_500,
        "," * 50_000,
        "(" * 50_000,
        "the user asks for " * 2_800,
        "a, no b" * 7_000,
        " " * 50_000 + "x",
        "\n" * 50_000 + "x",
        ", " * 25_000 + "x",
        "x - " * 12_500,
        "—" * 50_000,
        ", not a" * 7_000 + ":",
    ):
        assert purpose(text)
        excluded(text)


def test_clauses_are_looked_for_in_the_first_two_thousand_characters() -> None:
    """What stands behind them is as it was written."""
    assert purpose("a" * 1_900 + ", not refunds") == "a" * 1_900
    late = "a" * 2_000 + ", not refunds"
    assert (purpose(late), excluded(late)) == (late, ())
    assert purpose("invoices (no refunds). " + "b" * 3_000) == "invoices. " + "b" * 3_000


@pytest.mark.parametrize(
    ("description", "parts"),
    [
        ("promo codes. Not refunds, returns or complaints.", ("refunds", "returns", "complaints")),
        ("billing; not for cancelling the contract", ("cancelling the contract",)),
        ("travel (no hotels)", ("hotels",)),
        ("Loans. Mortgages are handled by another route.", ("Mortgages",)),
        ("Letters. Not pleadings, not contracts, not pleadings.", ("pleadings", "contracts")),
        ("Kaputtes im Haushalt und in der Küche. Keine Computer oder Autos.", ("Computer", "Autos")),
        ("credit, including but not limited to refunds", ()),
    ],
)
def test_what_is_excluded_is_known_by_itself(description: str, parts: tuple[str, ...]) -> None:
    """A request that is nearer to it than to what the route is for is not for the route."""
    assert excluded(description) == parts
