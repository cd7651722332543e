"""Descriptions that are for nothing in particular are known by their words."""

from __future__ import annotations

import pytest

from plano.intent.wording.breadth import Kind, kinds_of

T, F, Q, H = Kind


@pytest.mark.parametrize(
    ("description", "kinds"),
    [
        ("casual conversation and simple queries", {T, Q}),
        ("general knowledge questions and small talk", {F, T}),
        ("everyday questions, chit-chat and quick facts", {Q, T, F}),
        ("short factual questions", {F}),
        ("simple questions that need a short answer", {Q}),
        ("General question answering.", {Q}),
        ("open-domain Q&A", {Q}),
        ("greetings, small talk and simple questions", {T, Q}),
        ("general knowledge, trivia and definitions", {F}),
        ("light conversation; trivia", {T, F}),
        ("chat", {T}),
        ("coding help and general questions", {Q}),
        ("everyday questions that need no expertise", {Q}),
        ("simple, low-effort questions", {Q}),
        ("complex problems that need careful thinking", {H}),
        ("hard maths, proofs, multi-step planning and analysis", {H}),
        ("Advanced reasoning, planning and problem solving", {H}),
        ("difficult questions that need several steps of reasoning", {H}),
        ("hard problems. Not small talk, quick facts", {H}),
    ],
)
def test_for_nothing_in_particular(description: str, kinds: set[Kind]) -> None:
    """Every word is of a kind, or of how easy it is, or says nothing."""
    assert kinds_of(description) == kinds


@pytest.mark.parametrize(
    "description",
    [
        "",
        "generating new code snippets",
        "simple SQL queries",
        "general surgery questions",
        "casual dining",
        "customer questions",
        "conversations with customers",
        "general ledger questions",
        "questions about our products",
        "greetings",
        "anything else",
        "jokes, riddles, songs and small talk",
        "deep learning",
        "advanced SQL queries",
        "complex",
        "logic puzzles, deduction and common-sense reasoning",
        "Letters and mails. Not quick facts, not small talk",
        "letters, mails, chats. Out: small talk, simple questions",
    ],
)
def test_for_something(description: str) -> None:
    """A subject, what is excluded, and one part in four make no route for nothing in particular."""
    assert kinds_of(description) == frozenset()
