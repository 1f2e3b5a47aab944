"""Pure decisions about messages: who stands on which side, and what a message may be."""

from datetime import timedelta
from enum import StrEnum

from livecommerce.web.principal import MerchantRole, Principal, StaffRole

LONGEST = 2000
"""Characters in one message."""

MOST = 500
"""Messages with one order."""


AT_ONCE = 10
"""Messages that one person may write about one order ``WITHIN`` that time: more than anybody
types, and fewer than a script would."""

WITHIN = timedelta(minutes=1)


class Side(StrEnum):
    """Who speaks."""

    BUYER = "buyer"
    MERCHANT = "merchant"
    STAFF = "staff"


MEMBERS = (MerchantRole.OWNER, MerchantRole.ASSISTANT, MerchantRole.FINANCE)
STAFF = (StaffRole.OPERATOR, StaffRole.COMPLIANCE, StaffRole.FINANCE)


def side_of(buyer: str, merchant: str, by: Principal) -> Side | None:
    """On which side of an order's messages somebody stands, if they may read them.

    Buyers write where they live and what they bought; those who do not ship, refund or settle
    disputes do their work without it.
    """
    if buyer == by.id:
        return Side.BUYER
    if by.member_of(merchant, *MEMBERS):
        return Side.MERCHANT
    return Side.STAFF if by.is_staff(*STAFF) else None
