"""Having the link sent once more."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.orders.links.events import LinkWanted
from livecommerce.orders.links.rules import SENT_AGAIN_AFTER
from livecommerce.orders.links.wire import SendReceipt

_SEND = sa.text(
    "UPDATE commerce.checkout c SET link_sent_at = :now"
    ' FROM commerce."order" o'
    " WHERE o.id = :order AND c.id = o.checkout_id AND lower(c.email) = lower(:email)"
    " AND c.paid_at IS NOT NULL"
    " AND (c.link_sent_at IS NULL OR c.link_sent_at <= :lately) RETURNING c.id"
)


async def send_again(tx: Tx, want: SendReceipt, *, now: datetime) -> None:
    """Mail the link to the address that the receipt went to, if it is the one named.

    Whether there is such an order, whose it is, and whether a mail went out a moment ago, the
    caller does not learn: they cannot ask for other people's purchases, or fill their mailbox.
    """
    values = {
        "order": want.order,
        "email": want.email,
        "now": now,
        "lately": now - SENT_AGAIN_AFTER,
    }
    for checkout in (await tx.execute(_SEND, values)).scalars():
        await emit(tx, LinkWanted(checkout=checkout, at=now))
