"""How models are named."""

from __future__ import annotations

import pytest

from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.errors import ModelNotFound

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")


def model(name: str) -> Model:
    """A model of that name."""
    provider, _, upstream_id = name.partition("/")
    return Model(name, provider, upstream_id, ENDPOINT)


def table(*names: str, **more: object) -> ModelTable:
    """A table of these models."""
    return ModelTable({name: model(name) for name in names}, **more)  # type: ignore[arg-type]


TABLE = table(
    *("openai/gpt-4o", "openai/gpt-4o-mini", "azure_openai/gpt-4o", "openrouter/anthropic/claude-3.5"),
    wildcards={"groq": model("groq/*")},
    aliases={"fast": "openai/gpt-4o-mini"},
    default="openai/gpt-4o",
)


@pytest.mark.parametrize(
    ("asked", "name", "upstream_id"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", "gpt-4o"),
        ("gpt-4o-mini", "openai/gpt-4o-mini", "gpt-4o-mini"),
        ("fast", "openai/gpt-4o-mini", "gpt-4o-mini"),
        ("auto", "openai/gpt-4o", "gpt-4o"),
        ("groq/llama-3", "groq/llama-3", "llama-3"),
        ("groq/a/b", "groq/a/b", "a/b"),
        ("openrouter/anthropic/claude-3.5", "openrouter/anthropic/claude-3.5", "anthropic/claude-3.5"),
    ],
)
def test_names_that_resolve(asked: str, name: str, upstream_id: str) -> None:
    """Declared names, unique bare ids, aliases, auto and wildcards."""
    found = TABLE.resolve(asked)
    assert (found.name, found.upstream_id) == (name, upstream_id)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("gpt-4o", "openai/gpt-4o and azure_openai/gpt-4o"),
        ("openai/gpt-4o-mni", "openai/gpt-4o-mini"),
        ("OpenAI/GPT-4o", "openai/gpt-4o"),
        ("foo/gpt-4o", "not declared"),
        ("none", "not declared"),
        ("groq/", "not declared"),
        ("groq/*", "not declared"),
        ("x" * 10_000, "…"),
    ],
)
def test_names_that_do_not(asked: str, said: str) -> None:
    """Unknown and ambiguous names are refused, with what was probably meant; never another provider's model."""
    with pytest.raises(ModelNotFound, match="model") as caught:
        TABLE.resolve(asked)
    assert said in caught.value.message
    assert len(caught.value.message) < 600


def test_where_nothing_looks_alike() -> None:
    """The declared models are named, a few of many."""
    few, many = table("openai/gpt-4o"), table(*(f"openai/m{number}" for number in range(9)))
    with pytest.raises(ModelNotFound, match=r"Declared: 'openai/gpt-4o'\.$"):
        few.resolve("zzz")
    with pytest.raises(ModelNotFound, match="'openai/m4' and 4 more"):
        many.resolve("zzz")


def test_auto_needs_a_default() -> None:
    """Without a default provider ``auto`` says what to do."""
    with pytest.raises(ModelNotFound, match="default: true"):
        table("openai/gpt-4o").resolve("auto")


def test_an_alias_wins() -> None:
    """An alias of the same name as a declared model stands for its target."""
    assert table("p/a", "p/b", aliases={"p/a": "p/b"}).resolve("p/a").name == "p/b"
