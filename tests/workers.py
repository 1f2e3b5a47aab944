"""How tests are spread over workers (``-n``): what takes longest begins first, and whole
products keep to two of them."""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

WHOLE = ("tests/browser/", "tests/journeys/")
LONGEST = (
    *WHOLE,
    "tests/integration/test_soak_money.py",
    "tests/contracts/test_conformance_",
    "tests/integration/payments/test_fault_matrix.py",
    "tests/integration/test_worker.py",
    "tests/integration/test_embedded.py",
    "tests/integration/test_soak.py",
    "tests/integration/media/",
    "tests/property/",
)


class ByKind(LoadScopeScheduling):
    """What starts whole products is one worker's, and what drives a browser another's, so
    that only one of each runs at a time; the rest goes file by file to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((kind for kind in WHOLE if file.startswith(kind)), file)


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """So that no worker begins with minutes of work when the others are done."""

    def rank(item: pytest.Item) -> int:
        found = (n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST))

    return sorted(items, key=rank)
