"""What must not be shown."""

from __future__ import annotations

import pytest

from plano.config.document import read
from plano.config.secrecy import is_secret_key, masked, redacted, secret_texts, spans_by_name, spans_of_comments

SECRET_KEYS = [
    "access_key",
    "api_key",
    "keys",
    "Authorization",
    "x-api-key",
    "token",
    "connection_string",
    "client_secret",
]
MISSPELT = [
    "acess_key",
    "access_kye",
    "acces_key",
    "accesskey",
    "access-key",
    "apikey",
    "api_ky",
    "authorisation",
    "passwrod",
    "Acess_Key",
    "ACCESS_KYE",
]


@pytest.mark.parametrize("key", SECRET_KEYS + MISSPELT)
def test_secret_keys(key: str) -> None:
    """Names of keys, tokens and passwords are secret, misspelt or not."""
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key", ["tokens", "model", "base_url", "description", "key_variable", "max_usd_per_mtok", "name", "first_token"]
)
def test_other_keys(key: str) -> None:
    """Other names are not."""
    assert not is_secret_key(key)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("$NAME", "$NAME"),
        ("${NAME}", "${NAME}"),
        ('"$NAME"', '"$NAME"'),
        ("${NAME:-sk-x}", "${NAME:-***}"),
        ("sk-x", "***"),
        ("'sk-x'", "***"),
        ("sk-$NAME", "***"),
        ("$NAME tail", "***"),
        ("", "***"),
    ],
)
def test_masked(raw: str, shown: str) -> None:
    """Of a secret value only names of variables are left."""
    assert masked(raw) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("found 'sk-abcdef123456'", "found '***'"),
        ("sk_live_abcdef", "***"),
        ("gsk_ABCDEF0123", "***"),
        ("AIzaSyA-0123456789", "***"),
        ("Bearer abc123def", "***"),
        ("http://user:pass@host/v1", "http://***@host/v1"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.abc", "***"),
        ("0123456789abcdef0123456789abcdef", "***"),
        ("risk-management", "risk-management"),
        ("anthropic/claude-sonnet-4-20250514", "anthropic/claude-sonnet-4-20250514"),
        ("basic questions about bearer bonds", "basic questions about bearer bonds"),
        ("access_key: $OPENAI_API_KEY", "access_key: $OPENAI_API_KEY"),
    ],
)
def test_redacted_by_shape(text: str, shown: str) -> None:
    """What looks like a key is not shown wherever it stands; names of models and ordinary words are."""
    assert redacted(text, ()) == shown


def test_known_secrets_are_redacted_everywhere() -> None:
    """A value that is secret in one place is not shown in another, not even its beginning when it is very long."""
    long = "Z-" * 60
    root, _ = read(f"a: {{access_key: pineapple1, token: '{long}'}}\nkeys: [short, q, {{b: papaya22}}]\n")
    assert root is not None
    secrets = secret_texts(root)
    assert redacted("the model 'pineapple1' papaya22 short", secrets) == "the model '***' *** short"
    assert long[:40] not in redacted(f"found '{long[:79]}…'", secrets)


@pytest.mark.parametrize(
    ("above", "line", "shown"),
    [
        ("", "access_key: hunter2", "access_key: ***"),
        ("", "{model: a/b, access_key: hunter2, x: [", "{model: a/b, access_key: ***"),
        ("", '"api_key": "hunter2', '"api_key": ***'),
        ("access_key:", "  hunter2: : x", "***"),
        ("access_key: >-", "  hunter2", "***"),
        ("model: x", "  name: y", "  name: y"),
        ("", "access_key: $NAME", "access_key: $NAME"),
    ],
)
def test_lines_that_cannot_be_parsed(above: str, line: str, shown: str) -> None:
    """In a text that is not YAML, what follows a secret key is masked by its name alone."""
    for start, end, replacement in spans_by_name(line, above):
        line = line[:start] + replacement + line[end:]
    assert line.replace("  ", " ") == shown.replace("  ", " ") or line == shown


@pytest.mark.parametrize(
    ("line", "start"),
    [("a: b # cess_key: kR7", 5), ("# access_key: kR7", 0), ("\t#kR7", 1), ("a#b: c", None), ("a: 1 #", None)],
)
def test_comments_are_cut(line: str, start: int | None) -> None:
    """A key that was commented out, by hand or by damage, has no name that tells what it is."""
    expected = [] if start is None else [(start, len(line), "# …")]
    assert list(spans_of_comments(line)) == expected
