"""One call of Stripe's API as the sandbox knows it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """A call: its name as in the library, where it is, what it takes and what it does.

    ``for_pages`` ones may be made with the publishable key, ``for_accounts`` ones on behalf of
    a connected account.
    """

    name: str
    method: str
    path: str
    params: Any
    run: Callable[..., Awaitable[dict[str, Any]]]
    for_pages: bool = False
    for_accounts: bool = False

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """What the path's placeholders stand for, if this is the call meant."""
        if method != self.method:
            return None
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return None if found is None else found.groupdict()
