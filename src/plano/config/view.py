"""A tolerant reading of the tree: what the checks look at, also when the file as a whole does not fit the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plano.config.document import Entry, Mapping, Node, Scalar, Sequence
from plano.config.version import Version, parse_version
from plano.config.wording import quoted

PROVIDER_LISTS = ("model_providers", "llm_providers")


def text_of(node: Node | None) -> Scalar | None:
    """The node as a usable scalar: not null, not empty, and with all its variables set."""
    if not isinstance(node, Scalar) or node.is_null or not node.is_known or not node.text.strip():
        return None
    return node


def shown(scalar: Scalar) -> str:
    """The scalar in quotes, as written in the file: the value of a variable is not shown."""
    return quoted(scalar.written)


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping somewhere in the file; every question has an answer, also where the file is wrong."""

    node: Mapping

    def entry(self, key: str) -> Entry | None:
        """The entry of that key, unless its value is null."""
        found = self.node.find(key)
        if found is None or (isinstance(found.value, Scalar) and found.value.is_null):
            return None
        return found

    def text(self, key: str) -> Scalar | None:
        """The usable scalar below a key."""
        found = self.node.find(key)
        return None if found is None else text_of(found.value)

    def is_true(self, key: str) -> bool:
        """Is the value ``true``?"""
        found = self.text(key)
        return found is not None and found.text in ("true", "True", "TRUE")

    def below(self, key: str) -> Part | None:
        """The mapping below a key."""
        found = self.node.find(key)
        return Part(found.value) if found is not None and isinstance(found.value, Mapping) else None

    def parts(self, key: str) -> Iterator[Part]:
        """The mappings in the list below a key."""
        for item in self.items(key):
            if isinstance(item, Mapping):
                yield Part(item)

    def items(self, key: str) -> tuple[Node, ...]:
        """The items of the list below a key."""
        found = self.node.find(key)
        return found.value.items if found is not None and isinstance(found.value, Sequence) else ()

    def texts(self, key: str) -> Iterator[Scalar]:
        """The usable scalars in the list below a key."""
        for item in self.items(key):
            scalar = text_of(item)
            if scalar is not None:
                yield scalar


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """One entry of the list of providers. ``model`` and ``name``: None when absent or unusable."""

    part: Part
    model: Scalar | None
    name: Scalar | None

    @property
    def label(self) -> Scalar | None:
        """The scalar that gives the model its name."""
        return self.name or self.model

    @property
    def prefix(self) -> str:
        """The provider, as the model names it."""
        return "" if self.model is None else self.model.text.partition("/")[0]

    @property
    def model_id(self) -> str:
        """What the provider is sent."""
        return "" if self.model is None else self.model.text.partition("/")[2]

    @property
    def is_wildcard(self) -> bool:
        """Does it stand for all models of its provider?"""
        return self.model_id == "*"


@dataclass(frozen=True, slots=True)
class View:
    """The file as the checks see it. ``version``: None when absent or unreadable. ``is_dev``: dev mode."""

    top: Part
    version: Version | None
    providers: tuple[ProviderPart, ...]
    is_dev: bool

    @classmethod
    def of(cls, root: Mapping, *, is_dev: bool) -> View:
        """The view of a tree."""
        top = Part(root)
        version = top.text("version")
        parts = [part for key in PROVIDER_LISTS for part in top.parts(key)]
        providers = tuple(ProviderPart(part, part.text("model"), part.text("name")) for part in parts)
        return cls(top, None if version is None else parse_version(version.text), providers, is_dev)

    @property
    def aliases(self) -> tuple[tuple[Entry, Scalar], ...]:
        """(entry of the alias, its target) in the order of the file."""
        section = self.top.below("model_aliases")
        if section is None:
            return ()
        parts = [(entry, Part(entry.value)) for entry in section.node.entries if isinstance(entry.value, Mapping)]
        targets = [(entry, part.text("target")) for entry, part in parts]
        return tuple((entry, target) for entry, target in targets if target is not None)
