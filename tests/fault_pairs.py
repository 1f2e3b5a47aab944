"""Few cases out of very many, so that every two things that can meet have met."""

import random
from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

Case = tuple[Any, ...]
Pair = tuple[tuple[int, Any], tuple[int, Any]]


def pairs_of(case: Case) -> set[Pair]:
    """Which values of which two dimensions meet in this case."""
    return set(combinations(enumerate(case), 2))


def every_pair(dimensions: Sequence[Sequence[Any]], *, seed: int = 0) -> list[Case]:
    """Cases in which every value of each dimension meets every value of every other. Greedy:
    the best of some random cases around a pair that is still to meet; the same for one seed."""
    chance = random.Random(seed)
    left: set[Pair] = set()
    for (a, these), (b, those) in combinations(enumerate(dimensions), 2):
        left |= {((a, one), (b, other)) for one, other in product(these, those)}
    cases: list[Case] = []
    while left:
        (a, one), (b, other) = min(left, key=str)
        tried: list[Case] = []
        for _ in range(60):
            case = [chance.choice(list(values)) for values in dimensions]
            case[a], case[b] = one, other
            tried.append(tuple(case))
        best = max(tried, key=lambda case: len(pairs_of(case) & left))
        cases.append(best)
        left -= pairs_of(best)
    return cases
