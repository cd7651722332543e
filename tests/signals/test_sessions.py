"""Sessions in the process."""

from __future__ import annotations

from plano.domain.session import Binding
from plano.signals.sessions import SessionMemory


async def test_the_least_recently_kept_one_leaves() -> None:
    """Keeping one again makes it young; shrinking forgets the oldest at once."""
    memory = SessionMemory(2)
    one = Binding("p/m", None, 0.0)
    for key in (b"a", b"b", b"a", b"c"):
        await memory.put(key, one, 1)
    assert [await memory.get(key) for key in (b"a", b"b", b"c")] == [one, None, one]
    memory.shrink(1)
    assert [await memory.get(key) for key in (b"a", b"c")] == [None, one]
