"""Pictures of a gateway under some minutes of plausible traffic: its page, and the dashboard for Grafana.

Everything is real but the models: the embedded router, Prometheus, Chromium, and Grafana's own components. Writes
``dashboard-overview.png``, ``dashboard-request.png`` and ``grafana.png``; the exit code is 1 when a panel has no data.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from seeing_bench import grafana, prometheus
from seeing_bench.traffic import Gateway, busy, served
from tests.ui.browser import browsing

BUILD = Path("build/grafana")
WIDTH, HEIGHT, GRAFANA_WIDTH = 1280, 960, 1600
AFTER_OUTAGE, NEARLY_OVER = 0.66, 0.96
LAST_SCRAPES_S = 2 * prometheus.SCRAPE_S


async def pictures(out: Path, *, seconds: float, per_second: float, draws_grafana: bool) -> list[str]:
    """The titles of the panels without data."""
    async with served() as gateway:
        with prometheus.scraping(gateway.admin.removeprefix("http://")) as source:
            since = time.time()
            callers = asyncio.create_task(busy(gateway, seconds=seconds, per_second=per_second))
            for share, take in ((AFTER_OUTAGE, _one_request), (NEARLY_OVER, _overview)):
                await asyncio.sleep(max(0.0, since + share * seconds - time.time()))
                await asyncio.to_thread(take, gateway, out)
            await callers
            print("answers by status:", dict(sorted(gateway.statuses.items())))
            await asyncio.sleep(LAST_SCRAPES_S)
            async with httpx2.AsyncClient(trust_env=False) as client:
                dashboard = (await client.get(f"{gateway.admin}/admin/grafana.json")).json()
            span = (since, time.time())
            found = await asyncio.to_thread(prometheus.answers, source, dashboard, since=span[0], until=span[1])
    if draws_grafana:
        page = grafana.page(grafana.bundled(BUILD), dashboard, found, since=span[0], until=span[1])
        (BUILD / "index.html").write_text(page, encoding="utf-8")
        with _files(BUILD) as url, browsing() as browser:
            browser.look(width=GRAFANA_WIDTH)
            browser.open(url)
            browser.until(f"document.querySelectorAll('.u-over, .nothing').length >= {len(dashboard['panels'])}")
            height = browser.run("return document.documentElement.scrollHeight")
            _kept(out / "grafana.png", browser.picture(width=GRAFANA_WIDTH, height=height))
    return prometheus.empty(dashboard, found)


def _one_request(gateway: Gateway, out: Path) -> None:
    """A later turn of a conversation whose first model failed."""
    with browsing() as browser:
        browser.look(width=WIDTH, height=HEIGHT)
        browser.open(f"{gateway.admin}/ui/#/requests/{gateway.failed_over[-1]}")
        browser.until("document.querySelector('#drawer:not([hidden]) .waterfall')")
        browser.until("document.querySelectorAll('main tbody tr').length > 20")
        whole = browser.run("return document.getElementById('drawer').scrollHeight")
        browser.look(width=WIDTH, height=whole)
        _kept(out / "dashboard-request.png", browser.picture(width=WIDTH, height=whole))


def _overview(gateway: Gateway, out: Path) -> None:
    with browsing() as browser:
        browser.look(width=WIDTH, height=HEIGHT)
        browser.open(f"{gateway.admin}/ui/#/overview")
        browser.until("document.querySelectorAll('main tbody tr').length > 5 && document.querySelector('.plot canvas')")
        _kept(out / "dashboard-overview.png", browser.picture(width=WIDTH, height=HEIGHT))


def _kept(path: Path, picture: bytes) -> None:
    path.write_bytes(picture)
    print(f"{path}  {len(picture) / 1000:.0f} kB")


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """The address of a server of the files in a folder; Grafana's icons are where its own server has them."""
    link = folder / "public"
    if not link.is_symlink():
        link.symlink_to("node_modules/@grafana/ui/dist/public")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Nothing."""


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/pictures"))
    parser.add_argument("--seconds", type=float, default=420.0)
    parser.add_argument("--per-second", type=float, default=2.5)
    parser.add_argument("--no-grafana", action="store_true", help="without npm: look only whether panels have data")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    work = pictures(asked.out, seconds=asked.seconds, per_second=asked.per_second, draws_grafana=not asked.no_grafana)
    if empty := asyncio.run(work):
        sys.exit(f"without data: {', '.join(empty)}")


if __name__ == "__main__":
    main()
