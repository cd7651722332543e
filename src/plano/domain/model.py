"""Models and how they are named: a declared model is one model id at one provider, behind one endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal
from urllib.parse import quote

from plano.domain.secret import Secret
from plano.errors import ModelNotFound

AuthStyle = Literal["bearer", "x-api-key", "api-key", "none"]
LimitField = Literal["max_tokens", "max_completion_tokens"]
CallIds = Literal["any", "nine"]
"""Ids of tool calls: of any form that the dialect takes, or of exactly nine letters and digits."""

MOST_LISTED = 5
"""Declared models that an error names where none looks like the one that was asked for."""

LONGEST_ID = 512
"""Characters of a model id that a caller makes up under a wildcard; the longest known ones have about 150."""


class Dialect(StrEnum):
    """How the bytes of an API look."""

    OPENAI_CHAT = "openai_chat"
    ANTHROPIC_MESSAGES = "anthropic_messages"
    OPENAI_RESPONSES = "openai_responses"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go: ``scheme`` http or https, ``host`` without brackets, ``port`` 1..65535."""

    scheme: Literal["http", "https"]
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy on the way to origins. ``credential``: ``user:password``, None when it asks for none."""

    origin: Origin
    credential: Secret | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is reached, in which dialects, and with which key.

    ``path``: request target of ``dialect``, which callers of any dialect that is not spoken there are translated to.
    ``others``: further dialects that are spoken there, with their request targets. ``counts_tokens``: does the target
    of messages have ``/count_tokens`` below it? ``limit_field``: how the limit of an answer is called in its chat
    dialect; ``call_ids``: the form of ids there; ``chat_cache_markers``: does it take markers of prompt caches?
    ``host_header``: the Host field sent. ``headers``: static fields. ``key``: None when the provider needs none.
    ``passthrough_auth``: the caller's own key is sent instead. ``proxy``: None where connections go to the origin
    directly.
    """

    origin: Origin
    path: str
    host_header: str
    dialect: Dialect = Dialect.OPENAI_CHAT
    others: tuple[tuple[Dialect, str], ...] = ()
    counts_tokens: bool = False
    limit_field: LimitField = "max_tokens"
    call_ids: CallIds = "any"
    chat_cache_markers: bool = False
    auth: AuthStyle = "bearer"
    key: Secret | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    passthrough_auth: bool = False
    connect_timeout_s: float = 5.0
    proxy: Proxy | None = None

    @property
    def targets(self) -> tuple[tuple[Dialect, str], ...]:
        """The dialects that are spoken there with their request targets, its own first."""
        return (self.dialect, self.path), *self.others

    def spoken(self, dialect: Dialect) -> Dialect:
        """The dialect that a caller of ``dialect`` is served in: the same where it is spoken, else its own."""
        if dialect is self.dialect:
            return dialect
        return dialect if any(dialect is other for other, _ in self.others) else self.dialect

    @property
    def counter(self) -> Endpoint | None:
        """Where the tokens of messages are counted, None where nobody does."""
        if not self.counts_tokens:
            return None
        messages = dict(self.targets)[Dialect.ANTHROPIC_MESSAGES]
        path, mark, query = messages.partition("?")
        target = f"{path}/count_tokens{mark}{query}"
        return replace(self, path=target, dialect=Dialect.ANTHROPIC_MESSAGES, others=(), counts_tokens=False)

    def with_model(self, upstream_id: str) -> Endpoint:
        """The same endpoint with the id of a model in place of ``{model}`` in its request targets."""
        if not any("{model}" in path for _, path in self.targets):
            return self
        quoted = quote(upstream_id, safe="")
        others = tuple((dialect, path.replace("{model}", quoted)) for dialect, path in self.others)
        return replace(self, path=self.path.replace("{model}", quoted), others=others)


@dataclass(frozen=True, slots=True)
class Model:
    """A declared model. ``name`` is what users write, ``upstream_id`` what the provider is sent.

    ``prompt_limit`` and ``max_output_tokens``: the most tokens of a prompt and of an answer, None when unknown.
    ``cache_from_tokens``: of a prefix that is marked for the provider's cache, None where nothing is.
    ``is_metered``: it is asked for the usage of every stream. ``thinks``: does it before it answers, None when unknown.
    """

    name: str
    provider: str
    upstream_id: str
    endpoint: Endpoint
    prompt_limit: int | None = None
    max_output_tokens: int | None = None
    is_mock: bool = False
    cache_from_tokens: int | None = None
    is_metered: bool = False
    thinks: bool | None = None

    def is_beside(self, other: Model) -> bool:
        """Is it at the same account of the same provider?"""
        return self.endpoint.origin == other.endpoint.origin and self.endpoint.key == other.endpoint.key

    def called(self, name: str, upstream_id: str) -> Model:
        """The same model under another name and id; the id fills ``{model}`` in the path, if it is there."""
        return replace(self, name=name, upstream_id=upstream_id, endpoint=self.endpoint.with_model(upstream_id))


@dataclass(frozen=True, slots=True)
class ModelTable:
    """All declared models, in the order of the configuration.

    ``models``: by name. ``wildcards``: by provider prefix (``openai`` for ``openai/*``). ``aliases``: alias to name.
    ``default``: the name that ``auto`` stands for, None when no provider is marked default.
    """

    models: Mapping[str, Model]
    wildcards: Mapping[str, Model] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    _short_ids: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        short: dict[str, tuple[str, ...]] = {}
        for name, model in self.models.items():
            if model.upstream_id != name:
                short[model.upstream_id] = (*short.get(model.upstream_id, ()), name)
        object.__setattr__(self, "_short_ids", short)

    def find(self, name: str) -> Model | None:
        """The model that ``name`` stands for, as in ``resolve``; None when it stands for none or for several."""
        target = self.aliases.get(name, name)
        model = self.models.get(target)
        if model is not None:
            return model
        if name == "auto":
            return None if self.default is None else self.models[self.default]
        prefix, slash, rest = target.partition("/")
        if slash and prefix in self.wildcards and _may_be_id(rest):
            return self.wildcards[prefix].called(target, rest)
        owners = self._short_ids.get(target, ())
        return self.models[owners[0]] if len(owners) == 1 else None

    def resolve(self, name: str) -> Model:
        """The model that ``name`` stands for: alias, declared name, ``auto``, wildcard, or a unique bare model id.

        Raises ModelNotFound, naming the nearest declared models, or both when a bare id is ambiguous.
        """
        model = self.find(name)
        if model is not None:
            return model
        if name == "auto":
            raise ModelNotFound(
                "model 'auto': no provider is marked default (set 'default: true' on one)", param="model"
            )
        owners = self._short_ids.get(self.aliases.get(name, name), ())
        if owners:
            raise ModelNotFound(f"model '{name}' is ambiguous: {' and '.join(owners)} both have it", param="model")
        raise ModelNotFound(self._not_declared(name), param="model")

    def with_mock(self, endpoint: Endpoint) -> ModelTable:
        """The same table with every mocked model served by ``endpoint``."""
        return self.changed(lambda model: replace(model, endpoint=endpoint) if model.is_mock else model)

    def changed(self, change: Callable[[Model], Model]) -> ModelTable:
        """The same table with every model, wildcards included, as ``change`` makes it."""
        return ModelTable(
            models={name: change(model) for name, model in self.models.items()},
            wildcards={prefix: change(model) for prefix, model in self.wildcards.items()},
            aliases=self.aliases,
            default=self.default,
        )

    def nearest(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Declared names and aliases that look like ``name``, best first."""
        known = {candidate.lower(): candidate for candidate in (*self.models, *self.aliases)}
        close = get_close_matches(name.lower(), list(known), n=limit, cutoff=0.4)
        return tuple(known[match] for match in close)

    def _not_declared(self, name: str) -> str:
        shown = name if len(name) <= 128 else name[:128] + "…"
        close = self.nearest(shown)
        if close:
            return f"model {shown!r} is not declared. Did you mean {' or '.join(map(repr, close))}?"
        known = [*self.models, *self.aliases, *(f"{prefix}/*" for prefix in self.wildcards)]
        rest = f" and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
        return f"model {shown!r} is not declared. Declared: {', '.join(map(repr, known[:MOST_LISTED]))}{rest}."


def _may_be_id(text: str) -> bool:
    """Can this be the id of a model under a wildcard? It is logged and remembered, and may become part of a path."""
    return 0 < len(text) <= LONGEST_ID and text not in ("*", ".", "..")
