"""Starts a gateway on mock models, asks it for a decision, then has the same request answered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
REQUEST = (HERE / "mission-request.json").read_bytes()


def started() -> tuple[subprocess.Popen[str], str]:
    """A gateway in dev mode on a free port, and its address."""
    command = [sys.executable, "-m", "plano", "up", str(HERE / "mission.yaml"), "--dev", "--port", "0", "--quiet"]
    gateway = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert gateway.stderr is not None
    said = ""
    for line in gateway.stderr:
        said += line
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        if address:
            return gateway, address.group()
    sys.exit(said)


def post(url: str) -> tuple[dict[str, str], object]:
    """The header fields and the JSON body of the answer."""
    request = urllib.request.Request(url, REQUEST, {"content-type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return dict(answer.headers), json.load(answer)


def main() -> None:
    """Prints the decision, and the routed answer."""
    gateway, address = started()
    try:
        fields, decision = post(f"{address}/routing/v1/chat/completions")
        while fields.get("x-plano-router") == "degraded":
            # New routes are read within the first request's 300 ms; on a busy machine that is not always enough.
            print("The router was late, as it says itself: asking again.")
            fields, decision = post(f"{address}/routing/v1/chat/completions")
        print(f"\nPOST {address}/routing/v1/chat/completions\n{json.dumps(decision, indent=2)}")
        fields, answer = post(f"{address}/v1/chat/completions")
        print(f"\nPOST {address}/v1/chat/completions")
        for name in ("x-plano-model", "x-plano-route", "x-plano-attempts", "server-timing"):
            print(f"{name}: {fields[name]}")
        print(json.dumps(answer, indent=2))
        print("\nDev mode: the answers come from mock models; no key was used, nothing left this machine.")
    finally:
        gateway.terminate()
        gateway.wait(timeout=10)


if __name__ == "__main__":
    main()
