"""The part of the schema that says what models cost, how fast they are, and where such numbers come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plano.config.kinds import Choice, Number, Text, UrlText, Whole
from plano.config.section import FlagValue, Line, Section

MAX_TIERS = 16
_MONTH_S = 2_678_400
_Interval = Annotated[int, Whole(1, _MONTH_S)]
_Usd = Annotated[float, Number(0, 1_000_000)]
_Tokens = Annotated[int, Whole(1, 1_000_000_000)]


class TokenRates(Section):
    """What tokens cost, in USD per million."""

    input: _Usd = Field(description="A token of the prompt.", examples=[2.5])
    output: _Usd = Field(description="A token of the answer.", examples=[10])
    cached_input: _Usd | None = Field(
        default=None, description="A token read from the provider's cache; a tenth of `input` unless given."
    )
    cache_write: _Usd | None = Field(
        default=None, description="A token written to that cache; as `input` unless given."
    )


class PriceTier(TokenRates):
    """What a whole request costs once its prompt is long."""

    above_tokens: _Tokens = Field(description="From which number of tokens in the prompt on.", examples=[200_000])


class ModelPricing(TokenRates):
    """The price of one model."""

    reasoning: _Usd | None = Field(default=None, description="A token of reasoning; as `output` unless given.")
    tiers: list[PriceTier] = Field(default_factory=list, max_length=MAX_TIERS, description="Prices of long prompts.")


class CostSource(Section):
    """Where prices come from."""

    type: Literal["cost"] = Field(description="A source of prices.")
    provider: Annotated[str, Choice(("digitalocean", "models.dev"))] = Field(
        description="Whose format the document has.", examples=["models.dev"]
    )
    url: Annotated[str, UrlText()] | None = Field(
        default=None,
        description="Where the document is; the provider's own address unless given.",
        examples=["https://models.dev/api.json"],
    )
    refresh_interval: _Interval | None = Field(
        default=None, description="Seconds between two fetches; fetched once when absent.", examples=[3600]
    )
    time_to_live: _Interval | None = Field(
        default=None,
        description="Age in seconds from which a price counts as unknown; seven days or ten intervals, what is longer.",
        examples=[172_800],
    )
    fill_gaps: FlagValue = Field(
        default=False, description="Take the shipped price of a model that no source prices? Otherwise it is unknown."
    )
    model_aliases: dict[Line, Line] = Field(
        default_factory=dict,
        description="Names in the document → names in this file.",
        examples=[{"openai/gpt-oss-120b": "openai/gpt-4o"}],
    )


class LatencySource(Section):
    """Where latencies come from, instead of the gateway's own measurements."""

    type: Literal["latency"] = Field(description="A source of latencies.")
    provider: Annotated[str, Choice(("prometheus",))] = Field(
        description="Kind of the server.", examples=["prometheus"]
    )
    url: Annotated[str, UrlText()] = Field(description="Address of the server.", examples=["http://127.0.0.1:9090"])
    query: Annotated[str, Text(8192)] = Field(
        description="Instant query; each series names its model in the label `model_name`, values are seconds. A "
        "literal `$` is written `$$`.",
        examples=["avg by (model_name) (ttft_seconds)"],
    )
    refresh_interval: _Interval | None = Field(
        default=None, description="Seconds between two fetches; fetched once when absent.", examples=[60]
    )
    time_to_live: _Interval | None = Field(
        default=None,
        description="Age in seconds from which a latency counts as unknown; an hour or ten intervals, what is longer.",
        examples=[600],
    )
