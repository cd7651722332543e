"""The proxy path against nginx, HAProxy, Portkey and LiteLLM: proxy.py [--rounds N] [--json FILE] [--page FILE].

Installs what is missing, measures in interleaved rounds, prints the page. Needs two cores and a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from proxy_bench import decisions, install, page
from proxy_bench.measure import PlainRow, Plan, Server, Site, StreamRow, rounds, say, servers, upstream
from proxy_bench.process import LOAD_CORE
from proxy_bench.result import Machine, Result, ServerRow
from proxy_bench.stacks import STACKS, TARGETS

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FLAGS = ("--enable-optimizations", "--with-lto")


def main() -> int:
    """Measures or renders as asked; 0 when there is a page."""
    chosen = _options().parse_args()
    signal.signal(signal.SIGTERM, _leave)
    if chosen.render is not None:
        result = msgspec.json.decode(chosen.render.read_bytes(), type=Result)
    else:
        plan = Plan(chosen.rounds, chosen.seconds, chosen.starts)
        try:
            result = measured(plan, chosen.only.split(","))
        except install.Missing as missing:
            say(f"nothing can be measured: {missing}")
            return 1
    if chosen.json is not None:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    if chosen.page is not None:
        chosen.page.write_text(page.text(result), encoding="utf-8")
    print(page.text(result))
    return 0


def measured(plan: Plan, names: Sequence[str]) -> Result:
    """A whole run. Raises Missing when there is nothing to ask with."""
    install.command("wrk")
    os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})
    load_before = os.getloadavg()[0]
    build = ROOT / "build"
    missing: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory(prefix="proxy-bench-") as folder,
        upstream(Path(folder), build) as site,
        servers(site, names, plan.starts, missing) as running,
    ):
        rows = rounds(site, running, plan, missing)
        decided = _decisions(site, running.get("plano"), plan)
        loaded = tuple(
            ServerRow(name, server.starts_s, server.ready_mb, server.tree.resident_mb())
            for name, server in running.items()
        )
        return Result(
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            command=f"scripts/bench proxy --rounds {plan.rounds} --seconds {plan.seconds} --starts {plan.starts}",
            machine=_machine(load_before),
            versions=_versions(running, build),
            missing=missing,
            plan=plan,
            servers=loaded,
            plain=tuple(row for row in rows if isinstance(row, PlainRow)),
            streams=tuple(row for row in rows if isinstance(row, StreamRow)),
            decisions=decided,
        )


def _decisions(site: Site, plano: Server | None, plan: Plan) -> decisions.Decisions | None:
    if plano is None:
        return None
    say("decisions")
    target = next(each for each in TARGETS if each.stack == "plano")
    plano.tree.resume()
    return decisions.measure(site.asking(target, plano.port), plan.seconds)


def _machine(load_before: float) -> Machine:
    names = (line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    cpu = next(names, platform.machine()).partition(":")[2].strip() or platform.machine()
    load = (round(load_before, 2), round(os.getloadavg()[0], 2))
    kernel = platform.release().partition("-")[0]
    return Machine(cpu, os.cpu_count() or 1, kernel, f"{platform.python_version()}, {_python_build()}", load)


def _python_build() -> str:
    """Which optimisations the interpreter was built with: the ratios to programs in C depend on it."""
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    found = [flag for flag in PYTHON_FLAGS if flag in arguments]
    return f"built with {' and '.join(found)}" if found else f"built without {' and '.join(PYTHON_FLAGS)}"


def _versions(running: dict[str, Server], build: Path) -> dict[str, str]:
    found = {name: install.first_line(server.stack.version(build)) for name, server in running.items()}
    found["wrk"] = install.first_line(["wrk", "-v"]).partition(" Copyright")[0]
    commit = install.first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    if "plano" in found and commit and " " not in commit:
        found["plano"] += f", commit {commit}"
    return {name: version.partition(" - ")[0] for name, version in found.items()}


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each part of a round")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--only", default=",".join(stack.name for stack in STACKS), help="stacks, with commas between")
    parser.add_argument("--json", type=Path, help="write the result there")
    parser.add_argument("--page", type=Path, help="write the page there")
    parser.add_argument("--render", type=Path, help="make the page from this result instead of measuring")
    return parser


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit("ended by a signal")


if __name__ == "__main__":
    sys.exit(main())
