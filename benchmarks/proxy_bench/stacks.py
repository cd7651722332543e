"""The gateways: how each is installed, configured and started, one row each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proxy_bench import install, workload
from proxy_bench.workload import MODEL, OTHER_MODEL, Fields

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Place:
    """``folder``: for configurations and logs; ``build``: of what was installed; the ports of gateway and upstream."""

    folder: Path
    build: Path
    port: int
    upstream: int


@dataclass(frozen=True, slots=True)
class Stack:
    """A server. ``config``: its file by name; ``version``: a command whose first line says it."""

    name: str
    install: Callable[[Path], None]
    command: Callable[[Place], list[str]]
    config: Callable[[Place], tuple[str, str]]
    version: Callable[[Path], list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A row of the table: a server and the fields of a request.

    ``patience``: rounds last that many times longer, for a server so slow that the requests cut off at the end of a
    round would count. ``route``: what ``x-plano-route`` has to say, so that no row measures less than it claims.
    """

    label: str
    stack: str
    fields: Fields = ()
    patience: int = 1
    route: str | None = None


def _nginx(place: Place) -> tuple[str, str]:
    return (
        "nginx.conf",
        f"""worker_processes 1;
daemon off;
pid {place.folder}/nginx.pid;
error_log {place.folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {place.folder}/nginx-body;
  proxy_temp_path {place.folder}/nginx-proxy;
  upstream model {{ server 127.0.0.1:{place.upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{place.port} backlog=1024;
    location / {{
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
""",
    )


def _haproxy(place: Place) -> tuple[str, str]:
    return (
        "haproxy.cfg",
        f"""global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend callers
  bind 127.0.0.1:{place.port}
  default_backend model
backend model
  server model 127.0.0.1:{place.upstream}
""",
    )


def _plano(place: Place) -> tuple[str, str]:
    models = "".join(
        f"  - {{model: {name}, access_key: {workload.KEY}, base_url: 'http://127.0.0.1:{place.upstream}'{more}}}\n"
        for name, more in ((MODEL, ", default: true"), (OTHER_MODEL, ""))
    )
    routes = "".join(
        f"  - {{name: {name}, description: '{description}', models: [{', '.join(offered)}]}}\n"
        for name, description, offered in workload.ROUTES
    )
    listeners = f"listeners:\n  - {{address: 127.0.0.1, port: {place.port}}}\n"
    return "plano.yaml", f"version: v0.4.0\n{listeners}model_providers:\n{models}routing_preferences:\n{routes}"


def _mounted(place: Place) -> tuple[str, str]:
    return "mounted.yaml", _plano(place)[1]


def _start_mounted(place: Place) -> list[str]:
    found = f"PYTHONPATH={place.build / 'uvicorn'}{os.pathsep}{HERE.parent}"
    chosen = ["--port", str(place.port), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return ["env", found, sys.executable, "-m", "uvicorn", "--factory", "proxy_bench.mounted:application", *chosen]


def _mounted_version(build: Path) -> list[str]:
    names = ("uvicorn", "httptools", "uvloop")
    said = "from importlib.metadata import version; print(*(f'{name} {version(name)}' for name in %r), sep=', ')"
    return ["env", f"PYTHONPATH={build / 'uvicorn'}", sys.executable, "-c", said % (names,)]


def _litellm(place: Place) -> tuple[str, str]:
    base = f"http://127.0.0.1:{place.upstream}/v1"
    parameters = {"model": MODEL, "api_base": base, "api_key": workload.KEY}
    document = {
        "model_list": [{"model_name": MODEL, "litellm_params": parameters}],
        "litellm_settings": {"drop_params": True, "telemetry": False},
    }
    return "litellm.yaml", json.dumps(document)


def _portkey(place: Place) -> tuple[str, str]:
    return "portkey.json", json.dumps({"port": place.port})


def _start_portkey(place: Place) -> list[str]:
    script = place.build / "portkey/node_modules/@portkey-ai/gateway/build/start-server.js"
    return ["node", str(script), f"--port={place.port}", "--headless"]


def _start_litellm(place: Place) -> list[str]:
    chosen = ["--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(place.port)]
    return [str(place.build / "litellm/bin/litellm"), *chosen, "--num_workers", "1", "--run_granian"]


def portkey_fields(upstream: int) -> Fields:
    """What tells Portkey, on each request, where the model is."""
    return (("x-portkey-provider", "openai"), ("x-portkey-custom-host", f"http://127.0.0.1:{upstream}/v1"))


def _dist_version(python: str, name: str) -> list[str]:
    return [python, "-c", f"from importlib.metadata import version; print('{name}', version('{name}'))"]


STACKS = (
    Stack(
        "nginx",
        lambda _: install.command("nginx"),
        lambda place: ["nginx", "-p", str(place.folder), "-c", str(place.folder / "nginx.conf")],
        _nginx,
        lambda _: ["nginx", "-v"],
    ),
    Stack(
        "haproxy",
        lambda _: install.command("haproxy"),
        lambda _: ["haproxy", "-f", "haproxy.cfg"],
        _haproxy,
        lambda _: ["haproxy", "-v"],
    ),
    Stack(
        "plano",
        lambda _: None,
        lambda _: [sys.executable, "-m", "plano", "up", "plano.yaml"],
        _plano,
        lambda _: [sys.executable, "-c", "import plano; print('plano', plano.__version__)"],
    ),
    Stack("plano-asgi", install.uvicorn, _start_mounted, _mounted, _mounted_version),
    Stack(
        "portkey",
        install.portkey,
        _start_portkey,
        _portkey,
        lambda build: [
            *("node", "-p"),
            f"'portkey ' + require('{build}/portkey/node_modules/@portkey-ai/gateway/package.json').version"
            " + ' on node ' + process.version",
        ],
        {"NODE_ENV": "production"},
    ),
    Stack(
        "litellm",
        install.litellm,
        _start_litellm,
        _litellm,
        lambda build: _dist_version(str(build / "litellm/bin/python"), "litellm"),
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MASTER_KEY": workload.KEY},
    ),
)

TARGETS = (
    Target("nginx `proxy_pass`", "nginx"),
    Target("HAProxy", "haproxy"),
    Target("Plano", "plano", route=workload.EXPECTED_ROUTE),
    Target("Plano, `X-Plano-Routing: off`", "plano", fields=(("X-Plano-Routing", "off"),)),
    Target("Plano as ASGI under uvicorn", "plano-asgi", route=workload.EXPECTED_ROUTE),
    Target("Portkey", "portkey", patience=3),
    Target("LiteLLM proxy", "litellm", patience=5),
)
