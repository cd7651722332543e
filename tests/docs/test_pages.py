"""What the pages show of a configuration can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plano.config.load import load_text
from tests.running import KEYS, mission_text

PAGES = sorted(Path("docs").rglob("*.md"))
OTHERS = {"PLANO_SESSION_SECRET": "s" * 20, "REDIS_PASSWORD": "secret"}
BLOCKS = [
    (str(page), block)
    for page in PAGES
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    if "scrape_configs" not in block
]


def with_block(block: str) -> str:
    """The examples' configuration, in which the keys of ``block`` are as it says."""
    text = block if "version:" in block else mission_text()
    for key in re.findall(r"^(\w+):", "" if text == block else block, re.MULTILINE):
        text = re.sub(rf"^{key}:.*?(?=^\w|\Z)", "", text, flags=re.DOTALL | re.MULTILINE)
    return text if text == block else text + block


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page}-{n}" for n, (page, _) in enumerate(BLOCKS)])
def test_a_configuration_on_a_page_loads(page: str, block: str) -> None:
    """The tests on the page about reloading did not: a comma in a prompt ended it."""
    assert load_text(with_block(block), KEYS | OTHERS, filename=page).models.models


def test_there_are_such_pages() -> None:
    """Blocks are found where they are known to be."""
    assert {"docs/reloading.md", "docs/sessions.md", "docs/seeing.md"} <= {page for page, _ in BLOCKS}
