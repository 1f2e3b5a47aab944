"""A draw can be checked by anybody: the same seed and entries, the same winners."""

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.live.offers.draws import rules

SEED = "5e" * 32
MARKS = [rules.mark("drw_1", f"usr_{n}") for n in range(10)]


def test_the_procedure_is_what_is_written() -> None:
    """Worked out once with a calculator of hashes; who changes the procedure changes this."""
    assert rules.seed_hash("seed") == (
        "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"
    )
    assert rules.winners(SEED, MARKS, 3) == rules.winners(SEED, MARKS, 3)
    assert rules.winners(SEED, MARKS, 1) == rules.winners(SEED, MARKS, 3)[:1]
    assert rules.winners(SEED, [], 3) == []


def test_another_seed_or_another_entry_shows() -> None:
    published, won = rules.seed_hash(SEED), rules.winners(SEED, MARKS, 2)
    assert rules.verify(SEED, published, MARKS, 2, won)
    assert not rules.verify("00" * 32, published, MARKS, 2, won)
    assert not rules.verify(SEED, published, MARKS, 2, won[::-1])
    assert rules.entries_hash(MARKS) != rules.entries_hash(MARKS[::-1])


@given(st.text(min_size=1), st.integers(0, 40), st.integers(1, 10))
def test_nobody_wins_twice_and_as_many_as_there_are(seed: str, n: int, count: int) -> None:
    marks = [rules.mark("drw", str(k)) for k in range(n)]
    won = rules.winners(seed, marks, count)
    assert len(won) == min(n, count) == len(set(won))
    assert all(0 <= place < n for place in won)


def test_every_place_wins_about_as_often() -> None:
    counts = [0] * 5
    marks = MARKS[:5]
    for n in range(2000):
        counts[rules.winners(f"seed {n}", marks, 1)[0]] += 1
    assert all(300 < count < 500 for count in counts)
