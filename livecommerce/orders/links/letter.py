"""The link itself: signed for one purchase, for reading it, and until a day.

The token stands in the address's fragment, which browsers send to nobody: it is in no request
line, no log and no referrer. The page reads it there and asks with it in a body.
"""

from datetime import datetime

from livecommerce.identity import tokens
from livecommerce.orders.links.rules import GOOD_FOR, PURPOSE


def address(home: str, secret: str, checkout: str, *, now: datetime) -> str:
    """Where the buyer of the purchase reads its orders."""
    token = tokens.sign_link(secret, PURPOSE, checkout, until=now + GOOD_FOR)
    return f"{home}/receipt#{token}"
