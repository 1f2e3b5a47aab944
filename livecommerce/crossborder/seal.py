"""The seal of a stored figure: a hash of its canonical JSON, so that an edit shows."""

from hashlib import sha256
from typing import Any

import orjson


def seal_of(body: dict[str, Any]) -> str:
    """The same for the same content, whatever the order of its keys."""
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
