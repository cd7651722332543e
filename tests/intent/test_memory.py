"""A bounded memory forgets what was used least recently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from plano.intent.memory import Memory, digest


def test_forgets_the_least_recently_used() -> None:
    """Reading a value counts as use."""
    memory: Memory[str, int] = Memory(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (1, None, 3)


def test_a_new_value_replaces_the_old_one() -> None:
    """One key has one value and takes one place."""
    memory: Memory[str, int] = Memory(2)
    memory.put("a", 1)
    memory.put("a", 2)
    assert memory.get("a") == 2
    assert len(memory) == 1


def test_stays_bounded_under_many_threads() -> None:
    """Concurrent writers and readers neither fail nor let it grow."""
    memory: Memory[int, int] = Memory(50)

    def work(start: int) -> None:
        for number in range(start, start + 500):
            memory.put(number, number)
            assert memory.get(number) in {number, None}

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(0, 4000, 500)))
    assert len(memory) == 50


def test_a_digest_tells_parts_and_boundaries_apart() -> None:
    """Parts that only run together alike have different digests; half a surrogate pair is no error."""
    made = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("1,1|ab",), ("a", "b"), ("\ud800",), ()]
    assert len({digest(parts) for parts in made}) == len(made)
    assert digest(("a", "b")) == digest(["a", "b"])
