"""A dashboard's JSON drawn by Grafana's own components, as one page that needs no server.

Grafana itself comes in no package registry, and its scenes library (``@grafana/scenes``) asks a running server for data
sources and panels. But the components that draw a panel are published: ``@grafana/ui`` has the time series with axes,
legends, thresholds and the frame around it, ``@grafana/data`` the units and colours.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

PACKAGES = (
    *("@grafana/ui@11.6.16", "@grafana/data@11.6.16", "@grafana/schema@11.6.16"),
    *("react@18.3.1", "react-dom@18.3.1", "rxjs@7.8.2", "esbuild@0.28.2"),
)
"""Of a version that draws its time series without a server; 630 MB with all they ask for."""

_SOURCE = Path(__file__).with_name("dashboard.jsx")
_BUNDLE = (
    *("--bundle", "--minify", "--jsx=automatic", "--loader:.ttf=dataurl", "--log-level=error"),
    *('--define:process.env.NODE_ENV="production"', "--define:global=window"),
)


def bundled(folder: Path) -> Path:
    """The script that draws; npm installs what it needs into ``folder`` once."""
    if not (folder / "node_modules/@grafana/ui").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        words = ["npm", "install", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(words, cwd=folder, check=True)
    folder = folder.resolve()
    source, made = folder / _SOURCE.name, folder / "dashboard.js"
    source.write_bytes(_SOURCE.read_bytes())
    subprocess.run(
        [folder / "node_modules/.bin/esbuild", source.name, *_BUNDLE, f"--outfile={made.name}"], cwd=folder, check=True
    )
    return made


def page(
    script: Path,
    dashboard: Mapping[str, Any],
    answers: Mapping[int, Any],
    *,
    since: float,
    until: float,
    mode: Literal["dark", "light"] = "dark",
) -> str:
    """The page, as HTML. ``answers``: by panel id; ``since`` and ``until``: seconds since the epoch."""
    known = {"dashboard": dashboard, "answers": answers, "span": [since * 1000, until * 1000], "mode": mode}
    said = json.dumps(known).replace("<", "\\u003c")
    return f"""<!doctype html><meta charset="utf-8"><title>Dashboard</title>
<link rel="stylesheet" href="{script.with_suffix(".css").name}"><div id="dashboard"></div>
<script>Object.assign(window, {said})</script><script src="{script.name}"></script>"""
