"""Reads of the books for merchants and staff."""

from collections.abc import Sequence

from livecommerce.identity import queries as people
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.wire import BalanceOut, EntryOut, OddMessageOut, PostingOut
from livecommerce.web.principal import MerchantRole, NotYours, Principal, StaffRole
from payments import inbox, ledger
from payments.ledger import Posting

_OWED = ("merchant_pending", "merchant_available", "merchant_reserve")


async def balances(tx: Tx, merchant: str, *, by: Principal) -> list[BalanceOut]:
    """What the merchant is owed, by currency.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
        NoSuchMerchant: staff ask for one that does not exist.
    """
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)
    sums: dict[str, dict[str, Money]] = {}
    for line in await ledger.trial_balance(tx):
        if line.owner == merchant and line.account in _OWED:
            sums.setdefault(line.amount.currency, {})[line.account] = -line.amount
    return [
        BalanceOut(
            pending=by_account.get("merchant_pending", Money.zero(currency)),
            available=by_account.get("merchant_available", Money.zero(currency)),
            reserve=by_account.get("merchant_reserve", Money.zero(currency)),
        )
        for currency, by_account in sorted(sums.items())
    ]


async def postings(tx: Tx, sources: Sequence[str]) -> list[PostingOut]:
    """The facts that came from these orders, refunds or payments."""
    return [_out(posting) for posting in await ledger.journal(tx, sources=sources)]


async def postings_for_staff(tx: Tx, source: str, *, by: Principal) -> list[PostingOut]:
    """The facts that came from one order, refund or payment.

    Raises:
        NotYours: the caller does not keep the books.
    """
    if not by.is_staff(StaffRole.FINANCE, StaffRole.OPERATOR):
        raise NotYours()
    return await postings(tx, [source])


async def not_understood(tx: Tx, *, by: Principal) -> list[OddMessageOut]:
    """What the payment provider said that we could make nothing of, newest first.

    Raises:
        NotYours: the caller does not keep the books.
    """
    if not by.is_staff(StaffRole.FINANCE, StaffRole.OPERATOR):
        raise NotYours()
    return [
        OddMessageOut(id=row.id, event=row.event_id, kind=row.kind, received_at=row.received_at)
        for row in await inbox.not_understood(tx)
    ]


def _out(posting: Posting) -> PostingOut:
    return PostingOut(
        id=posting.id,
        kind=posting.kind,
        source=posting.source,
        memo=posting.memo,
        occurred_at=posting.occurred_at,
        entries=[
            EntryOut(account=entry.account, owner=entry.owner, amount=entry.amount)
            for entry in posting.entries
        ],
    )
