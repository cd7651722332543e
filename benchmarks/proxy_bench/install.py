"""Gets the competitors and tools: each that cannot be had is named with the reason, and the others go on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

LITELLM = "1.106.2"
PORTKEY = "1.15.2"
UVICORN = "0.54.0"
HTTPTOOLS = "0.9.0"
# With a later one every stream of Portkey 1.15.2 fails.
HONO_SERVER = "1.13.8"
LIMIT_S = 900
HERE = Path(__file__).parent

PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy", "wrk": "wrk", "gcc": "gcc", "node": "nodejs", "npm": "npm"}
"""Command → Debian package."""


class Missing(Exception):
    """Something that could not be installed, with the reason."""


def command(name: str) -> None:
    """Makes sure that the command exists. Raises Missing."""
    if shutil.which(name) is None:
        _run(["apt-get", "install", "--yes", "--no-install-recommends", PACKAGES[name]])
    if shutil.which(name) is None:
        raise Missing(f"{name} is not there after installing {PACKAGES[name]}")


def litellm(build: Path) -> None:
    """LiteLLM's proxy in a virtual environment of its own. Raises Missing."""
    folder = build / "litellm"
    if not (folder / "bin/litellm").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(folder / "bin/pip"), "install", "--quiet", f"litellm[proxy]=={LITELLM}"])


def portkey(build: Path) -> None:
    """Portkey's gateway in a folder of its own. Raises Missing."""
    command("node")
    command("npm")
    folder = build / "portkey"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"@portkey-ai/gateway": PORTKEY, "@hono/node-server": HONO_SERVER}
    pinned = {"@hono/node-server": HONO_SERVER}
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted, "overrides": pinned}))
    if not (folder / "node_modules/@portkey-ai/gateway").exists():
        _run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error"])


def uvicorn(build: Path) -> None:
    """Uvicorn and its parser in a folder of their own, for this interpreter; uvloop is Plano's. Raises Missing."""
    folder = build / "uvicorn"
    if not (folder / "uvicorn").exists():
        wanted = [f"uvicorn=={UVICORN}", f"httptools=={HTTPTOOLS}"]
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *wanted])


def compiled(name: str, build: Path) -> Path:
    """The program made from ``name``.c of this folder. Raises Missing."""
    command("gcc")
    program = build / "bench" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    _run(["gcc", "-O2", "-o", str(program), str(HERE / f"{name}.c")])
    return program


def first_line(command_line: list[str]) -> str:
    """The first line that a command prints, on either stream; empty when it cannot run."""
    try:
        done = subprocess.run(command_line, capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return ""
    return next(iter((done.stdout + done.stderr).strip().splitlines()), "")


def _run(command_line: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"  $ {' '.join(command_line)}", file=sys.stderr, flush=True)
    try:
        subprocess.run(command_line, capture_output=True, text=True, check=True, timeout=LIMIT_S, env=environment)
    except subprocess.CalledProcessError as error:
        raise Missing(f"{command_line[0]}: {' '.join(error.stderr[-200:].split())}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(str(error)) from None
