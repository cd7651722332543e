"""The files of the page: what is served, how, and that they need nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plano.server.admin.ui import FOLDER, MEDIA_TYPES, Files
from tests.running import Running

MAX_BYTES = 150_000
EVERY = sorted(file for file in FOLDER.rglob("*") if file.is_file())
WAYS = re.compile(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|javascript:")
OWN = [file for file in EVERY if "vendor" not in file.parts]


def test_they_are_small() -> None:
    """All of them together, the charts included."""
    assert sum(file.stat().st_size for file in EVERY) < MAX_BYTES


@pytest.mark.parametrize("file", [file for file in EVERY if file.suffix in MEDIA_TYPES], ids=lambda file: file.name)
def test_each_is_served(gateway: Running, file: Path) -> None:
    """With its media type and a policy that lets nothing run but these files; unchanged, it is not sent again."""
    path = f"/ui/{file.relative_to(FOLDER).as_posix()}"
    answer = gateway.admin(path)
    assert (answer.status_code, answer.content) == (200, file.read_bytes())
    assert answer.headers["content-type"] == MEDIA_TYPES[file.suffix]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    again = gateway.admin(path, {"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_way_in(gateway: Running) -> None:
    """``/ui`` leads to ``/ui/``, which is the page."""
    answer = gateway.admin("/ui")
    assert (answer.status_code, answer.headers["location"]) == (308, "/ui/")
    assert gateway.admin("/ui/").content == (FOLDER / "index.html").read_bytes()


def test_only_what_is_listed_is_served(tmp_path: Path) -> None:
    """A file of another kind, or outside, has no path."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "a.js").write_text("1")
    (tmp_path / "ui" / "a.py").write_text("1")
    (tmp_path / "secret.js").write_text("1")
    files = Files(tmp_path / "ui")
    assert files.find("/ui/a.js") is not None
    for path in ("/ui/a.py", "/ui/../secret.js", "/ui/%2e%2e/secret.js", "/ui//a.js", "/ui/a.js/", "/uia.js"):
        assert files.find(path) is None, path


def test_nothing_from_elsewhere() -> None:
    """No file of ours names another host, but for the address that a gateway has by default and names of XML."""
    allowed = ("http://127.0.0.1:12000", "http://www.w3.org/2000/svg")
    for file in OWN:
        for url in re.findall(r"https?://[^\s\"'`$)]+", file.read_text(encoding="utf-8")):
            assert url in allowed, (file.name, url)


def test_no_string_becomes_markup() -> None:
    """None of the ways in which text is read as HTML or as a program."""
    for file in OWN:
        assert WAYS.findall(file.read_text(encoding="utf-8")) == [], file.name


def _colors(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})[;\s]", block))


def _light(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [1, 2], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("ink", "muted", "accent") for ground in ("ground", "surface", "hover")),
        *(("bad", "surface"), ("bad", "bad-soft"), ("warn", "surface"), ("warn", "warn-soft"), ("ink", "warn-soft")),
        *(("on-accent", "accent"),),
    ],
)
def test_text_can_be_read(scheme: int, ink: str, ground: str) -> None:
    """Contrast of 4.5 at least, which WCAG 2.2 asks of text."""
    colors = _colors((FOLDER / "app.css").read_text(encoding="utf-8").split(":root {")[scheme].partition("}")[0])
    one, other = sorted((_light(colors[ink]), _light(colors[ground])))
    assert (other + 0.05) / (one + 0.05) >= 4.5
