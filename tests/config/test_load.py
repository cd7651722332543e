"""Loading: disk, environment, dev mode, the cases of the version gate."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from plano.config.document import MAX_BYTES
from plano.config.findings import Finding
from plano.config.load import from_environment, load, load_text
from plano.config.settings import Listener, Settings
from plano.config.show import show
from plano.errors import ConfigError, ModelNotFound

from .conftest import ENVIRONMENT, ONE_MODEL

A, B, C = "anthropic/claude-sonnet-4-20250514", "openai/gpt-4o", "openai/gpt-4o-mini"
EXAMPLE = Path(__file__).parents[2] / "examples" / "mission.yaml"
MISSION = EXAMPLE.read_text(encoding="utf-8")
Codes = Callable[[str], list[tuple[str, int | None]]]


def said(path: Path, **options: bool) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, ENVIRONMENT, **options)
    assert all(isinstance(finding, Finding) for finding in caught.value.findings)
    return str(caught.value)


def test_the_missions_example_loads_without_a_word(env: dict[str, str]) -> None:
    """The example of the mission runs unchanged: its models, routes and default, one loopback listener, no warning."""
    settled = load(EXAMPLE, env)
    assert list(settled.models.models) == [A, B, C]
    assert settled.models.default == C
    assert [(route.name, route.models) for route in settled.routes.routes] == [
        ("code generation", (A, B)),
        ("general questions", (C, B)),
    ]
    assert settled.listeners == (Listener("listener-1", "127.0.0.1", 12_000, 300.0, 0, open=False),)
    assert settled.warnings == ()
    assert settled.open_listeners == ()


def test_keys_come_from_the_environment(env: dict[str, str]) -> None:
    """``$NAME`` of an access key is the variable's value, and nothing that is printed shows it."""
    settled = load(EXAMPLE, env)
    key = settled.models.models[B].endpoint.key
    assert key is not None and key.reveal() == "sk-test-o"
    assert "sk-test-o" not in f"{settled!r} {show(settled)} {show(settled, origins=True)}"


@pytest.mark.parametrize(
    "content", [MISSION.encode(), b"\xef\xbb\xbf" + MISSION.encode(), MISSION.replace("\n", "\r\n").encode()]
)
def test_encodings_that_are_read(tmp_path: Path, env: dict[str, str], content: bytes) -> None:
    """A byte order mark of UTF-8 and line ends of another system make no difference."""
    path = tmp_path / "plano.yaml"
    path.write_bytes(content)
    assert list(load(path, env).models.models) == [A, B, C]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "error[PL-C005]: the file is empty"),
        (b"\xff\xfev\x00", "error[PL-C002]: the file is UTF-16, not UTF-8"),
        (b"version: v0.4.0\nname: caf\xe9\n", "error[PL-C002]: the byte 0xE9 is not UTF-8\n  --> {path}:2:10"),
        (
            b"version: v0.4.0\n\x00",
            "error[PL-C002]: the file holds the character U+0000, which YAML does not allow\n  --> {path}:2:1",
        ),
        (b"#" * (MAX_BYTES + 1), "error[PL-C003]: the file is larger than 1048576 bytes"),
    ],
)
def test_contents_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """What is not a text of YAML is one finding with its place, never a traceback."""
    path = tmp_path / "plano.yaml"
    path.write_bytes(content)
    assert said(path).startswith(message.format(path=path))


def test_the_largest_file_is_read(tmp_path: Path, env: dict[str, str]) -> None:
    """A file of exactly the largest size is not too large."""
    path = tmp_path / "plano.yaml"
    path.write_text(ONE_MODEL + "#" * (MAX_BYTES - len(ONE_MODEL)))
    assert path.stat().st_size == MAX_BYTES
    assert list(load(path, env).models.models) == [B]


def test_no_such_file(tmp_path: Path) -> None:
    """A missing file is a finding that names it."""
    path = tmp_path / "plano.yaml"
    assert (
        said(path)
        == f"error[PL-C001]: there is no such file\n  --> {path}\nhelp: 'plano init' writes one to begin with"
    )


def test_a_folder(tmp_path: Path) -> None:
    """A folder is a finding that says what to name instead."""
    assert said(tmp_path).startswith(f"error[PL-C001]: this is a folder\n  --> {tmp_path}\nhelp: name a file in it")


def test_a_file_of_someone_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is a finding, also where the superuser runs the tests."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "this user may not read the file" in said(EXAMPLE)


def test_a_name_that_no_file_can_have() -> None:
    """A path with a NUL, or one through a file, is a finding as well."""
    assert "its name cannot be used" in said(Path("a\0b"))
    assert "the file cannot be read: not a directory" in said(EXAMPLE / "x")


def test_a_file_with_keys_that_others_read(tmp_path: Path, env: dict[str, str]) -> None:
    """A literal key warns, and so does a file with one that others may read; without a key the mode is no matter."""
    path = tmp_path / "plano.yaml"
    path.write_text(ONE_MODEL.replace("$OPENAI_API_KEY", "sk-literal-123"))
    path.chmod(0o644)
    assert [finding.code for finding in load(path, env).warnings] == ["PL-C082", "PL-C080"]
    path.chmod(0o600)
    warnings = load(path, env).warnings
    assert [finding.code for finding in warnings] == ["PL-C080"]
    assert "sk-literal" not in "".join(map(str, warnings))
    path.write_text(ONE_MODEL)
    path.chmod(0o644)
    assert load(path, env).warnings == ()


def test_certificate_authorities_are_looked_for(tmp_path: Path, env: dict[str, str]) -> None:
    """A file of certificate authorities that is not there stops the start."""
    path, bundle = tmp_path / "plano.yaml", tmp_path / "ca.pem"
    path.write_text(f"{ONE_MODEL}overrides:\n  upstream_tls_ca_path: {bundle}\n")
    assert "'upstream_tls_ca_path' names no file" in said(path)
    bundle.write_text("")
    assert load(path, env).overrides.ca_path == str(bundle)


def test_the_folder_of_records_is_looked_for(tmp_path: Path, env: dict[str, str]) -> None:
    """Records that no file can take would be lost without a word."""
    path, folder = tmp_path / "plano.yaml", tmp_path / "kept"
    path.write_text(f"{ONE_MODEL}observability: {{records_file: {folder / 'records.jsonl'}}}\n")
    assert "the folder of 'records_file' is not there" in said(path)
    folder.mkdir()
    assert load(path, env).observability.records_file == str(folder / "records.jsonl")


@pytest.mark.parametrize("version", ["v0.3.0", "v0.3.9", "0.2.0", "v0.1", "0.1-beta"])
def test_versions_below_the_gate(codes: Codes, version: str) -> None:
    """Below v0.4.0 top-level preferences are an error at the version, which names their line."""
    assert codes(MISSION.replace("v0.4.0", version)) == [("PL-C031", 1)]


@pytest.mark.parametrize(
    "version",
    [
        "v0.4.0",
        "0.4.0",
        "V0.4.0",
        "v0.4",
        "v0.4.1",
        "v0.5.0",
        "v0.10.0",
        "v1.0.0",
        "v1",
        "v0.4.0-rc1",
        "0.4",
        "0.10",
        '"0.4"',
    ],
)
def test_versions_above_the_gate(settled: Callable[[str], Settings], version: str) -> None:
    """From v0.4.0 on the list is accepted, whatever way the version is written; it is never changed."""
    result = settled(MISSION.replace("v0.4.0", version))
    assert len(result.routes.routes) == 2
    assert result.version == version.strip('"')


def test_old_version_without_preferences(settled: Callable[[str], Settings]) -> None:
    """Below v0.4.0 a file without preferences is fine."""
    assert settled(ONE_MODEL.replace("v0.4.0", "v0.3.0")).routes.routes == ()


def test_five_mistakes_at_once(env: dict[str, str]) -> None:
    """All mistakes are reported in one run, in the order of the file."""
    text = (Path(__file__).parent / "broken" / "five_mistakes.yaml").read_text()
    with pytest.raises(ConfigError) as caught:
        load_text(text, env)
    found = [finding for finding in caught.value.findings if isinstance(finding, Finding)]
    assert len(found) == 5
    assert [finding.line for finding in found] == sorted(finding.line or 0 for finding in found)
    assert all(finding.excerpt is not None for finding in found)


def test_many_mistakes_are_cut() -> None:
    """Of very many findings the first two hundred are shown, and it is said."""
    text = ONE_MODEL + "".join(f"key_{number}: 1\n" for number in range(300))
    with pytest.raises(ConfigError) as caught:
        load_text(text, ENVIRONMENT)
    assert len(caught.value.findings) == 201
    assert "only the first 200 findings are shown" in str(caught.value)


def test_dev_serves_models_without_a_key_from_the_mock(env: dict[str, str]) -> None:
    """In dev mode exactly the models whose key is not set are marked, and each is named."""
    del env["OPENAI_API_KEY"]
    settled = load(EXAMPLE, env, dev=True)
    assert {name: model.is_mock for name, model in settled.models.models.items()} == {A: False, B: True, C: True}
    assert [(finding.code, finding.line) for finding in settled.warnings] == [("PL-C022", 6), ("PL-C022", 8)]
    assert f"'{B}' is served by the mock provider" in settled.warnings[0].reason
    assert settled.models.models[B].endpoint.key is None
    with pytest.raises(ConfigError):
        load(EXAMPLE, env)


def test_dev_counts_an_empty_key_as_unset(env: dict[str, str]) -> None:
    """A variable that is set to nothing is no key: an error, in dev mode a mock."""
    env["OPENAI_API_KEY"] = ""
    with pytest.raises(ConfigError, match="'OPENAI_API_KEY' is empty"):
        load(EXAMPLE, env)
    assert load(EXAMPLE, env, dev=True).models.models[B].is_mock


def test_dev_counts_a_missing_key_as_unset(env: dict[str, str]) -> None:
    """A provider that needs a key and has none is an error, in dev a mock; at the user's own address it is real."""
    text = "version: v0.4.0\nmodel_providers:\n  - model: openai/gpt-4o\n"
    with pytest.raises(ConfigError, match="'openai' needs an 'access_key'"):
        load_text(text, env)
    assert load_text(text, env, dev=True).models.models[B].is_mock
    own = load_text(f"{text}    base_url: http://127.0.0.1:1\n", env, dev=True)
    assert not own.models.models[B].is_mock


def test_dev_leaves_passed_on_keys_alone(env: dict[str, str]) -> None:
    """A provider that is sent the caller's key is never a mock."""
    text = "version: v0.4.0\nmodel_providers:\n  - model: openai/gpt-4o\n    passthrough_auth: true\n"
    assert not load_text(text, env, dev=True).models.models[B].is_mock


def test_dev_forgives_nothing_else(env: dict[str, str]) -> None:
    """An unset variable outside of access keys stays an error in dev mode."""
    with pytest.raises(ConfigError, match="'PLANO_PORT' is not set"):
        load_text(f"{ONE_MODEL}listeners:\n  - port: $PLANO_PORT\n", env, dev=True)


def test_without_dev_there_is_never_a_mock(env: dict[str, str]) -> None:
    """Only dev mode marks models."""
    assert not any(model.is_mock for model in load(EXAMPLE, env).models.models.values())


def test_from_environment() -> None:
    """Without a file, each provider whose key is set serves all its models; without a key there is nothing."""
    settled = from_environment({"OPENAI_API_KEY": "sk-x", "HOME": "/"})
    assert settled is not None
    assert list(settled.models.wildcards) == ["openai"]
    key = settled.models.resolve("openai/gpt-9").endpoint.key
    assert key is not None and key.reveal() == "sk-x"
    with pytest.raises(ModelNotFound):
        settled.models.resolve("groq/x")
    assert settled.warnings == ()
    assert from_environment({"HOME": "/", "OPENAI_API_KEY": ""}) is None


def test_from_environment_skips_providers_without_an_address() -> None:
    """A key alone does not say where a provider is."""
    assert from_environment({"AZURE_OPENAI_API_KEY": "k"}) is None


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As a shell makes one of `<(…)`: in pieces, whenever they come."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("w") as file:
            for line in MISSION.splitlines(keepends=True):
                file.write(line)
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    assert load(pipe, ENVIRONMENT).models.default == "openai/gpt-4o-mini"
    writer.join(20)


def test_a_pipe_that_nobody_writes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start does not hang; it says what is wrong."""
    monkeypatch.setattr("plano.config.load.PIPE_S", 0.01)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="nobody wrote to it"):
        load(tmp_path / "pipe", ENVIRONMENT)
