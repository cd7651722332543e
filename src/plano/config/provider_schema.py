"""The part of the schema that says which models there are and where they live."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plano.config.kinds import HOST_AND_PORT, Choice, Text, UrlText
from plano.config.section import FlagValue, HeaderName, HeaderValue, KeyText, Line, Section
from plano.domain.limits import MAX_DESCRIPTION_BYTES, MAX_NAME_BYTES

INTERFACES = (
    "plano", "anthropic", "openai_responses", "chatgpt", "deepseek", "groq", "mistral", "openai", "xiaomi", "gemini",
    "digitalocean", "vercel", "openrouter", "edenai", "moonshotai",
)  # fmt: skip


class ProviderPreference(Section):
    """A preference inside a provider: the form before v0.4.0."""

    name: Annotated[str, Text(MAX_NAME_BYTES)] = Field(description="Name of the route.", examples=["code generation"])
    description: Annotated[str, Text(MAX_DESCRIPTION_BYTES)] = Field(
        description="What the caller wants when this route is right, in plain language.",
        examples=["generating new code snippets"],
    )


class ModelProvider(Section):
    """One model at one provider, or all models of a provider."""

    model: Line = Field(
        description="`<provider>/<model id>`, or `<provider>/*` for every model of the provider. The provider ends at "
        "the first slash.",
        examples=["openai/gpt-4o", "openai/*"],
    )
    name: Line | None = Field(
        default=None,
        description="What callers and routes call the model; `model` unless given. Unique.",
        examples=["eu-gpt"],
    )
    access_key: KeyText | None = Field(
        default=None,
        description="Key sent to the provider. Keep it in the environment and name the variable here.",
        examples=["$OPENAI_API_KEY"],
    )
    base_url: Annotated[str, UrlText()] | None = Field(
        default=None,
        description="Where the provider is, with `http://` or `https://`. A path replaces the provider's own prefix; "
        "without one (or with `/`) the prefix stays.",
        examples=["http://127.0.0.1:11434", "https://llm.example.com/v1"],
    )
    default: FlagValue = Field(
        default=False, description="Is this the model that `auto` stands for? At most one.", examples=[True]
    )
    provider_interface: Annotated[str, Choice(INTERFACES)] | None = Field(
        default=None,
        description="How an unknown provider's server is addressed; OpenAI-compatible unless given. `anthropic`: it "
        "speaks the Messages API; `openai_responses`: nothing but the Responses API.",
        examples=["openai"],
    )
    http_host: Annotated[str, HOST_AND_PORT] | None = Field(
        default=None,
        description="Value of the Host header instead of the one of `base_url`.",
        examples=["llm.example.com"],
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Header fields sent with every request.", examples=[{"X-Team": "search"}]
    )
    passthrough_auth: FlagValue = Field(
        default=False, description="Send the caller's own key instead of `access_key`.", examples=[True]
    )
    metering: Annotated[Literal["estimated", "exact"], Choice(("estimated", "exact"))] = Field(
        default="estimated",
        description="`exact` asks the upstream for the usage of every stream and hides the extra event from callers "
        "that did not ask for it.",
        examples=["exact"],
    )
    routing_preferences: list[ProviderPreference] | None = Field(
        default=None, description="Old form, below v0.4.0 only: the routes that this model serves."
    )


class ModelAlias(Section):
    """Another name for a model."""

    target: Line = Field(description="A declared model; never another alias or a wildcard.", examples=["openai/gpt-4o"])
