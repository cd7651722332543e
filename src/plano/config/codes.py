"""Every code a finding can have: how grave it is, its title, and the explanation that ``plano help CODE`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from plano.config.findings import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means."""

    severity: Severity
    title: str
    explanation: str


def _error(title: str, explanation: str) -> Code:
    return Code("error", title, explanation)


def _warning(title: str, explanation: str) -> Code:
    return Code("warning", title, explanation)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "PL-C001": _error(
            "the file cannot be read",
            "The path names no file, a folder, or a file that this user may not read. Nothing else was checked.",
        ),
        "PL-C002": _error(
            "the file is not plain UTF-8 text",
            "A configuration is UTF-8 text without control characters. A byte order mark at its start is accepted.",
        ),
        "PL-C003": _error(
            "the file is too large or too deep",
            "A configuration has at most 1 MiB, 64 levels and 100,000 keys and values; an alias counts with "
            "everything it stands for.",
        ),
        "PL-C004": _error(
            "the text is not YAML",
            "The parser could not go on at this place. The cause often stands a line or two above it: an open "
            "quote or bracket, or a wrong indentation. Mistakes of meaning are found once the text can be parsed.",
        ),
        "PL-C005": _error(
            "the file does not hold keys",
            "A configuration is a mapping of keys at the top level, beginning with 'version'. An empty file, a "
            "list or a single value is none.",
        ),
        "PL-C006": _error(
            "a part of YAML that is not read",
            "Tags, merge keys, several documents and keys that are not text are not read: the meaning of a value "
            "depends on its key alone.",
        ),
        "PL-C007": _error(
            "an alias that cannot be followed",
            "An alias ('*name') has to follow its anchor ('&name') and may not stand inside it.",
        ),
        "PL-C009": _warning(
            "more findings than are shown",
            "At most 200 findings are shown at once, errors before warnings. Correct those first.",
        ),
        "PL-C010": _error(
            "an unknown key",
            "The key has no meaning at this place. Unknown keys are refused, because a misspelt key would "
            "otherwise be ignored without a word.",
        ),
        "PL-C011": _error(
            "a key that stands twice",
            "YAML allows a key once in a mapping. Of two, one would be lost.",
        ),
        "PL-C012": _error(
            "a missing key or value",
            "The key is needed here, or it stands there without a value.",
        ),
        "PL-C013": _error(
            "a value of the wrong type",
            "The key wants another kind of value: text, a number, true or false, a list, or keys below it.",
        ),
        "PL-C014": _error(
            "a value outside its limits",
            "The value is too small, too large, too long, empty, or holds a character that cannot stand there.",
        ),
        "PL-C015": _error(
            "a value that is not among the choices",
            "Only the listed values have a meaning. They are case-sensitive.",
        ),
        "PL-C016": _error(
            "a part that is not supported",
            "Plano routes model traffic. Agents, filters, prompt targets, guards and their listeners belong to "
            "another kind of gateway and are refused by name instead of being ignored.",
        ),
        "PL-C017": _error(
            "a value of the wrong form",
            "The text does not have the form that the key wants, such as '30s' for a duration.",
        ),
        "PL-C020": _error(
            "an environment variable is not set",
            "'$NAME' and '${NAME}' in a value stand for a variable of the environment. '${NAME:-default}' gives a "
            "default; '$$' is a literal dollar. With 'plano up --dev', models whose key is not set are served by "
            "the mock provider.",
        ),
        "PL-C021": _error(
            "a variable that is not complete",
            "'${' has to be followed by a name and '}', or by a name, ':-', a default and '}'.",
        ),
        "PL-C022": _warning(
            "a model is served by the mock provider",
            "In dev mode a model whose key is not set is answered by the mock provider. Without '--dev' this "
            "never happens.",
        ),
        "PL-C030": _error(
            "a version that cannot be read",
            "The version has one to three numbers, with or without 'v': v0.4.0, 0.4, v1.",
        ),
        "PL-C031": _error(
            "the version is too old for this key",
            "Top-level 'routing_preferences' exist from version v0.4.0 on. The version is never raised silently, "
            "because it also decides how older keys are read.",
        ),
        "PL-C032": _error(
            "preferences inside a provider",
            "From version v0.4.0 on, preferences stand at the top level and name their models. Below it they may "
            "stand inside 'model_providers', except on a wildcard.",
        ),
        "PL-C033": _warning(
            "an old form",
            "The form still works and means the same, but it will be removed one day. The hint shows today's form.",
        ),
        "PL-C034": _error(
            "two lists of providers",
            "'llm_providers' is the old name of 'model_providers'. With both, it would be unclear which one counts.",
        ),
        "PL-C035": _warning(
            "a key without effect",
            "The key is accepted so that existing files load, but nothing reads it.",
        ),
        "PL-C040": _error(
            "a model without a provider",
            "A model is written '<provider>/<model id>', or '<provider>/*' for all models of a provider. The "
            "provider ends at the first slash.",
        ),
        "PL-C041": _error(
            "an unknown provider",
            "The prefix is not one of the built-in providers. Any other server that speaks the OpenAI chat API "
            "works with a 'base_url'.",
        ),
        "PL-C042": _error(
            "a provider without an address",
            "This provider has no address of its own: 'base_url' says where it is.",
        ),
        "PL-C043": _error(
            "a URL that cannot be used",
            "A URL has a scheme and a host, and no user name, password or fragment. Keys belong in 'access_key'.",
        ),
        "PL-C044": _error(
            "a host that is refused",
            "Link-local addresses and the metadata services of clouds hand out credentials of the machine. Plano "
            "never connects to them. Loopback and private addresses are allowed.",
        ),
        "PL-C045": _error(
            "a name that stands twice",
            "Names have to be unique. The same model may be declared at two providers; at one provider it needs "
            "different names.",
        ),
        "PL-C046": _error(
            "two defaults",
            "'auto' stands for the one provider with 'default: true'.",
        ),
        "PL-C047": _error(
            "a wildcard where one model is needed",
            "'<provider>/*' stands for many models. It cannot be the default, the target of an alias, or a "
            "candidate of a route; name one model instead, which the wildcard then covers.",
        ),
        "PL-C048": _error(
            "a provider without a key",
            "This provider answers nobody without a key: set 'access_key: $NAME', or 'passthrough_auth: true' to "
            "send the caller's own key.",
        ),
        "PL-C049": _error(
            "an interface that cannot be used",
            "'provider_interface' says how an unknown provider's server is addressed. Built-in providers have "
            "their own.",
        ),
        "PL-C050": _error(
            "a model that is not declared",
            "Every model that a route, alias, limit or override names has to be declared in 'model_providers', by "
            "its name, an alias, a unique bare id, or a wildcard of its provider.",
        ),
        "PL-C051": _error(
            "two routes of one name",
            "The name of a route is what the router answers, so it has to be unique.",
        ),
        "PL-C052": _warning(
            "a model that stands twice in a route",
            "The second mention has no effect: a model is tried once.",
        ),
        "PL-C053": _error(
            "an alias that leads nowhere",
            "An alias stands for one declared model. Aliases of aliases are not followed.",
        ),
        "PL-C054": _warning(
            "an alias that hides a model",
            "The alias has the name of a declared model and wins over it.",
        ),
        "PL-C055": _error(
            "an ambiguous model",
            "The bare id is declared at more than one provider. Write the provider in front of it.",
        ),
        "PL-C056": _error(
            "a route that is not defined",
            "A test names the route that must match; it has to stand in 'routing_preferences'.",
        ),
        "PL-C060": _error(
            "a listener that anyone can reach",
            "Whoever reaches the listener spends the operator's money. Beyond loopback it needs keys for its "
            "callers, or 'open: true', which says that something else protects it.",
        ),
        "PL-C061": _warning(
            "an open listener",
            "The listener has no keys for its callers and can be reached from outside this machine, because "
            "'open: true' allows it.",
        ),
        "PL-C062": _error(
            "two listeners at one address",
            "An address and port can be bound once.",
        ),
        "PL-C063": _error(
            "an admin listener without protection",
            "Beyond loopback the admin listener needs a token of at least 16 characters.",
        ),
        "PL-C064": _error(
            "one key for two callers",
            "The key tells callers apart; shared between two names it would mix their sessions and limits.",
        ),
        "PL-C070": _error(
            "two sources of latencies",
            "At most one: latencies of two sources would be of two moments, and perhaps in two units. Sources of "
            "prices may be several; the first that knows a model counts.",
        ),
        "PL-C071": _warning(
            "ranking without a configured source",
            "The prices that came with the package are used; models without one come last, in the author's order.",
        ),
        "PL-C072": _error(
            "two prices for one model",
            "'pricing' has the model under two of its names, and it would be unclear which price counts.",
        ),
        "PL-C080": _warning(
            "a key in the file",
            "A key in a file ends up in backups and version control. Keep it in the environment and write '$NAME'.",
        ),
        "PL-C081": _warning(
            "a key that is not used",
            "With 'passthrough_auth: true' the caller's key is sent, and a configured header that says who calls is "
            "sent in place of a key; 'access_key' has no effect.",
        ),
        "PL-C082": _warning(
            "a file with keys that others can read",
            "The file holds a key and its mode lets other users of this machine read it.",
        ),
        "PL-C083": _error(
            "exporters of spans that cannot be used",
            "'tracing.exporter: sdk' hands spans to the exporters of OpenTelemetry's SDK that OTEL_TRACES_EXPORTER "
            "names ('otlp' when it is not set), and these have to be installed beside Plano: 'plano-gateway[otel]' "
            "brings the SDK with its 'console', other packages bring the rest.",
        ),
        "PL-C084": _warning(
            "a receiver of spans that is not used",
            "With 'tracing.exporter: sdk' the SDK's own settings say where spans go, as OTEL_EXPORTER_OTLP_ENDPOINT "
            "does; 'opentracing_grpc_endpoint' has no effect.",
        ),
    }
)
