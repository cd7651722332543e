"""A real Chromium, driven by its driver over the WebDriver protocol (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"),
)
_PASSING = ("stale element reference", "no such element", "element click intercepted", "element not interactable")
"""Reasons that are over in the next moment."""

PATIENCE_S = 30.0


class _Refused(Exception):
    """The driver could not do what it was told. ``word``: its own for the reason."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(f"{word}: {message}")
        self.word = word


class Browser:
    """One window. Whatever a page logs or asks for is remembered until it is read."""

    def __init__(self, client: httpx2.Client, session: str) -> None:
        self._client = client
        self._session = session

    def open(self, url: str) -> None:
        """Goes to a page, from an empty one, so that nothing of the page before is left."""
        self._do("url", url="about:blank")
        self._do("url", url=url)

    def go(self, fragment: str) -> None:
        """Goes to another part of the same page."""
        self.run(f"location.hash = {json.dumps(fragment)}")

    def run(self, script: str) -> Any:
        """The value of a script's ``return``."""
        return self._do("execute/sync", script=script, args=[])

    def until(self, script: str) -> Any:
        """The value of an expression as soon as it is one that counts as true. Fails when that takes too long."""
        due = time.monotonic() + PATIENCE_S
        while time.monotonic() < due:
            value = self.run(f"return {script}")
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"{script} never came; the page says: {self.text[:2000]}")

    def click(self, selector: str) -> None:
        """Clicks the first element of a selector, once it is there. A page that lives may replace it meanwhile."""
        due = time.monotonic() + PATIENCE_S
        while True:
            self.until(f"document.querySelector({json.dumps(selector)})")
            try:
                element = self._do("element", using="css selector", value=selector)
                self._do(f"element/{element[_ELEMENT]}/click")
                return
            except _Refused as refused:
                if refused.word not in _PASSING or time.monotonic() > due:
                    raise

    def type(self, keys: str) -> None:
        """Types where the focus is; control keys as WebDriver numbers them (\\ue00c is Escape, \\ue007 Enter)."""
        self._do("actions", actions=[{"type": "key", "id": "k", "actions": list(_strokes(keys))}])

    def look(self, *, width: int = 1280, height: int = 844, scheme: str = "light") -> None:
        """The window's size, and whether it is light or dark."""
        self._cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, *, width: int, height: int) -> bytes:
        """The upper left of the page as a PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shown = self._cdp("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shown["data"])

    @property
    def text(self) -> str:
        """What stands on the page."""
        return str(self.run("return document.body.innerText"))

    def errors(self) -> list[str]:
        """Errors and warnings that the page logged since they were last read."""
        return [entry["message"] for entry in self._log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def asked_for(self) -> set[str]:
        """The addresses that the page asked for since they were last read."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        asked = {
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }
        return {url for url in asked if url != "about:blank"}

    def _log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._do("se/log", type=kind)
        return found

    def _cdp(self, name: str, **parameters: Any) -> Any:
        return self._do("goog/cdp/execute", cmd=name, params=parameters)

    def _do(self, what: str, **parameters: Any) -> Any:
        answer = self._client.post(f"/session/{self._session}/{what}", json=parameters).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise _Refused(answer["error"], answer.get("message", ""))
        return answer


def _strokes(keys: str) -> Iterator[dict[str, str]]:
    for key in keys:
        yield {"type": "keyDown", "value": key}
        yield {"type": "keyUp", "value": key}


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser with an empty profile."""
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as driver,
    ):
        assert driver.stdout is not None
        try:
            said = next(line for line in driver.stdout if "started successfully on port" in line)
            port = int(said.rstrip(".\n").rpartition(" ")[2])
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
                wanted = {
                    "goog:chromeOptions": {
                        "binary": shutil.which("chromium"),
                        "args": [*_ARGUMENTS, f"--user-data-dir={profile}"],
                    },
                    "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                }
                begun = client.post("/session", json={"capabilities": {"alwaysMatch": wanted}}).json()["value"]
                assert "sessionId" in begun, begun
                try:
                    yield Browser(client, begun["sessionId"])
                finally:
                    client.delete(f"/session/{begun['sessionId']}")
        finally:
            driver.terminate()
