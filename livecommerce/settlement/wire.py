"""What merchants see of money."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Wire


class BalanceOut(Wire):
    """What the centre owes a merchant, in one currency."""

    pending: Money
    available: Money
    reserve: Money


class EntryOut(Wire):
    """One side of a posting; positive debits, negative credits."""

    account: str
    owner: str | None
    amount: Money


class PostingOut(Wire):
    """One fact in the books."""

    id: int
    kind: str
    source: str
    memo: str
    occurred_at: Instant
    entries: list[EntryOut]


class OddMessageOut(Wire):
    """A signed message of the provider's that lacks what its kind promises."""

    id: str
    event: str
    kind: str
    received_at: Instant


class Heard(Wire):
    """The message was stored."""

    received: bool = True
