"""The only reader of disk and environment for the configuration."""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from dataclasses import replace
from pathlib import Path

from plano.config.build import settle as build
from plano.config.checks import check
from plano.config.checks.providers import is_mocked
from plano.config.document import MAX_BYTES, Mapping, Node, Scalar, read
from plano.config.excerpt import Source, settle
from plano.config.findings import Finding, Place, Problem, errors_of, render_all
from plano.config.proxies import read_proxies
from plano.config.settings import Settings
from plano.config.span_exporters import read_span_exporters
from plano.config.validation import validate
from plano.config.values import effective_values
from plano.config.variables import fill_in
from plano.config.view import View
from plano.errors import ConfigError
from plano.providers import PROVIDERS

_BOM = "\ufeff"
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


PIPE_S = 5.0


def load(path: str | Path, env: MappingABC[str, str], *, dev: bool = False) -> Settings:
    """The settings of a file.

    ``env``: the environment. ``dev``: models whose key is not set are marked to be served by the mock provider.
    Raises ConfigError with every finding, in the order of the file.
    """
    filename = str(path)
    text = _text(filename, _bytes(filename))
    settings = load_text(text, env, filename=filename, dev=dev)
    problems = (*_exposed(filename, settings), *_missing_files(settings))
    if not problems:
        return settings
    found = settle(problems, Source.of(filename, "", None))
    if errors_of(found):
        raise _error((*found, *settings.warnings))
    return replace(settings, warnings=(*found, *settings.warnings))


def load_text(text: str, env: MappingABC[str, str], *, filename: str = "plano.yaml", dev: bool = False) -> Settings:
    """The settings of a text, which is named ``filename`` in findings. Raises ConfigError like ``load``."""
    if len(text) > MAX_BYTES:
        raise _stop(filename, "PL-C003", f"the file is larger than {MAX_BYTES} bytes")
    text = text.removeprefix(_BOM)
    root, problems = read(text)
    if (root is None and not problems) or (isinstance(root, Scalar) and root.is_null):
        raise _stop(filename, "PL-C005", "the file is empty", "'plano init' writes one to begin with")
    if not isinstance(root, Mapping):
        problems = problems or (_not_keys(root),)
        raise _error(settle(problems, Source.of(filename, text, root)))
    return _settled(text, root, problems, env, filename=filename, dev=dev)


def from_environment(env: MappingABC[str, str]) -> Settings | None:
    """Settings without a file: all models of each provider whose key is set; None when there is no key at all.

    Raises ConfigError when a key cannot be used.
    """
    rows = [row for row in PROVIDERS.values() if row.base_url and row.key_variable and env.get(row.key_variable)]
    if not rows:
        return None
    lines = ["version: v0.4.0", "model_providers:"]
    for row in rows:
        lines += [f"  - model: {row.name}/*", f"    access_key: ${row.key_variable}"]
    return load_text("\n".join(lines) + "\n", env, filename="(environment)")


def _settled(
    text: str, written: Mapping, problems: tuple[Problem, ...], env: MappingABC[str, str], *, filename: str, dev: bool
) -> Settings:
    root, unset = fill_in(written, env)
    assert isinstance(root, Mapping)
    view = View.of(root, is_dev=dev)
    mocked = _mocked(view) if dev else {}
    unset = tuple(problem for problem in unset if problem.place not in mocked.values())
    guesses = {problem.place for problem in unset}
    file, misfits = validate(root)
    doubtful = (problem for problem in (*misfits, *check(view)) if problem.place not in guesses)
    findings = settle((*problems, *unset, *doubtful), Source.of(filename, text, root))
    if errors_of(findings) or file is None:
        raise _error(findings)
    settings = build(file, mocked=tuple(mocked))
    if settings.overrides.uses_proxies:
        proxies, unusable = read_proxies(env)
        if unusable:
            raise _error(settle(unusable, Source.of(filename, text, root)))
        overrides = replace(settings.overrides, proxies=proxies)
        settings = replace(settings, overrides=overrides, models=settings.models.changed(proxies.on_the_way))
    if settings.tracing.exporter == "sdk":
        names, unusable = read_span_exporters(env, _exporter_place(view))
        if unusable:
            raise _error(settle(unusable, Source.of(filename, text, root)))
        settings = replace(settings, tracing=replace(settings.tracing, span_exporters=names))
    if settings.overrides.state_dir is None:
        settings = replace(settings, overrides=replace(settings.overrides, state_dir=_state_dir(env)))
    return replace(settings, warnings=findings, values=effective_values(file, root, filename))


def _exporter_place(view: View) -> Place | None:
    section = view.top.below("tracing")
    said = None if section is None else section.text("exporter")
    return None if said is None else said.place


def _state_dir(env: MappingABC[str, str]) -> str | None:
    """Where this user's programs keep their state (XDG Base Directory Specification 0.8); None without a home."""
    if env.get("PLANO_STATE_DIR"):
        return env["PLANO_STATE_DIR"]
    homes = ((env.get("XDG_STATE_HOME"), "plano"), (env.get("HOME"), ".local/state/plano"))
    return next((os.path.join(home, below) for home, below in homes if home and os.path.isabs(home)), None)


def _mocked(view: View) -> dict[int, Place | None]:
    """The providers that the mock provider stands for: index → place of the key that is not set."""
    found: dict[int, Place | None] = {}
    for index, provider in enumerate(view.providers):
        if is_mocked(provider, PROVIDERS.get(provider.prefix)):
            entry = provider.part.entry("access_key")
            found[index] = None if entry is None else entry.value.place
    return found


def _bytes(filename: str) -> bytes:
    """The content of a file, at most one byte more than is allowed."""
    try:
        with open(filename, "rb", opener=_without_waiting) as file:
            is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
            return _piped(filename, file.fileno()) if is_pipe else file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(filename, error) from None


def _without_waiting(filename: str, flags: int) -> int:
    """A descriptor of the file; one of a pipe at once, though nobody writes to it."""
    return os.open(filename, flags | os.O_NONBLOCK)


def _piped(filename: str, descriptor: int) -> bytes:
    """What is written to a pipe until its end, as in ``plano validate <(…)``."""
    found = b""
    while len(found) <= MAX_BYTES:
        if not select.select([descriptor], [], [], PIPE_S)[0]:
            raise _stop(filename, "PL-C001", f"this is a pipe, and nobody wrote to it for {PIPE_S:g} s", "name a file")
        read = os.read(descriptor, 65_536)
        if not read:
            break
        found += read
    return found


def _unreadable(filename: str, error: OSError | ValueError) -> ConfigError:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        return _stop(filename, "PL-C001", "there is no such file", "'plano init' writes one to begin with")
    if number == errno.EISDIR:
        return _stop(filename, "PL-C001", "this is a folder", f"name a file in it, such as {filename}/plano.yaml")
    if number == errno.EACCES:
        return _stop(filename, "PL-C001", "this user may not read the file", "check its owner and mode")
    reason = os.strerror(number).lower() if number is not None else "its name cannot be used"
    return _stop(filename, "PL-C001", f"the file cannot be read: {reason}")


def _text(filename: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _stop(filename, "PL-C003", f"the file is larger than {MAX_BYTES} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
    if content.startswith(_UTF16_MARKS):
        raise _stop(filename, "PL-C002", "the file is UTF-16, not UTF-8", "save it as UTF-8")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    reason = f"the byte 0x{content[len(before.encode())]:02X} is not UTF-8"
    problem = Problem("PL-C002", reason, Place(line, column, line, column + 1), "save the file as UTF-8")
    shown = content.decode(errors="replace")
    raise _error(settle((problem,), Source.of(filename, shown, None)))


def _not_keys(root: Node | None) -> Problem:
    kind = "a single value" if isinstance(root, Scalar) else "a list"
    place = None if root is None else Place(root.place.line, root.place.column, root.place.line, root.place.column + 1)
    return Problem("PL-C005", f"the file holds {kind} where keys are wanted", place, "begin with 'version: v0.4.0'")


def _exposed(filename: str, settings: Settings) -> SequenceABC[Problem]:
    """A warning for a file with keys in it that others can read."""
    if not any(finding.code == "PL-C080" for finding in settings.warnings):
        return ()
    try:
        mode = os.stat(filename).st_mode
    except OSError:
        return ()
    if not mode & _OTHERS_READ:
        return ()
    reason = "the file holds a key and other users can read it"
    return (Problem("PL-C082", reason, None, f"chmod 600 {filename}"),)


def _missing_files(settings: Settings) -> SequenceABC[Problem]:
    named = [("upstream_tls_ca_path", settings.overrides.ca_path)]
    for each in settings.listeners:
        named += [("tls_certificate", each.tls_certificate), ("tls_key", each.tls_key)]
    missing = [
        Problem("PL-C001", f"'{key}' names no file: {path}")
        for key, path in named
        if path is not None and not os.path.isfile(path)
    ]
    records = settings.observability.records_file
    if records is not None and not os.path.isdir(os.path.dirname(records) or "."):
        reason = f"the folder of 'records_file' is not there: {records}"
        missing.append(Problem("PL-C001", reason, None, "make it first"))
    return missing


def _stop(filename: str, code: str, reason: str, hint: str | None = None) -> ConfigError:
    return _error(settle((Problem(code, reason, None, hint),), Source.of(filename, "", None)))


def _error(findings: tuple[Finding, ...]) -> ConfigError:
    return ConfigError(render_all(findings), findings=findings)
