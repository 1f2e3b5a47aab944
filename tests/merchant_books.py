"""One merchant's books for tests: what may befall their orders, and what shares and accounts
then say. :class:`Yen` is one who sells in euros and is paid in yen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, adjustments, sending, shares
from livecommerce.settlement.charging import Part, charging_of
from livecommerce.settlement.rules import Parts, Terms
from livecommerce.settlement.tables import MerchantShare
from livecommerce.settlement.wire import AdjustmentIn
from livecommerce.web.principal import Kind, Principal, StaffRole
from payments import ledger, transfers
from payments.events import DisputeClosed, DisputeOpened
from tests import money_out
from tests.dated import RATES, fixed

TERMS = Terms(bps=0, hold_days=3)
IN_YEN = Terms(bps=0, hold_days=3, settles_in="JPY")
ANNA, BEN = (
    Principal(f"usr_{n}", kind=Kind.PERSON, staff=frozenset({StaffRole.FINANCE}))
    for n in ("a", "b")
)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def goods(minor: int) -> Parts:
    return Parts(euros(minor), euros(0), euros(0), euros(0), euros(0))


@dataclass
class Books:
    """One merchant, and what may befall their orders."""

    db: Database
    merchant: str
    now: datetime
    terms: Terms = TERMS

    async def sell(
        self, minor: int, *, leaves: bool = True, terms: Terms | None = None
    ) -> actions.Sale:
        """A paid order, charged as the rule says by these terms, or else by theirs."""
        terms = terms or self.terms
        async with self.db.begin() as tx:
            payment = await money_out.captured(tx, minor, now=self.now)
            part = Part(self.merchant, terms, euros(minor))
            charging, _ = await charging_of(tx, [part], euros(minor))
            sale = actions.Sale(
                ids.new("ord"),
                self.merchant,
                "DE",
                payment.id,
                goods(minor),
                terms,
                charging,
            )
            await actions.record_sale(tx, sale, now=self.now)
            if leaves:
                await actions.goods_left(tx, sale.order, now=self.now)
        return sale

    async def refund(self, sale: actions.Sale, minor: int) -> str:
        given = actions.GivenBack(ids.new("rfd"), sale, goods(minor), euros(0))
        async with self.db.begin() as tx:
            await actions.record_refund(tx, given, now=self.now)
        return given.refund

    async def bounce(self, sale: actions.Sale, refund: str) -> None:
        async with self.db.begin() as tx:
            await actions.undo_refund(tx, sale.order, refund, reason="bounced", now=self.now)

    async def contest(self, sale: actions.Sale) -> DisputeOpened:
        opened = DisputeOpened(
            dispute=ids.new("dsp"),
            payment=sale.payment,
            reference="chk_1",
            amount=sale.parts.total,
            fee=euros(1500),
            at=self.now,
        )
        async with self.db.begin() as tx:
            await money_out.contested(tx, opened, now=self.now)
        return opened

    async def decide(self, opened: DisputeOpened, *, won: bool) -> None:
        async with self.db.begin() as tx:
            closed = DisputeClosed(**opened.model_dump(), won=won)
            await money_out.decided(tx, closed, now=self.now)

    async def hold_passes(self) -> None:
        self.now += timedelta(days=4)
        await shares.release_due(self.db, RATES, now=self.now)

    async def adjust(self, want: AdjustmentIn) -> None:
        async with self.db.begin() as tx:
            proposed = await adjustments.propose(tx, want, by=ANNA, now=self.now)
            await adjustments.approve(tx, proposed.id, by=BEN, now=self.now)

    async def stands(self) -> dict[str, int]:
        """The merchant's accounts that are not empty, on their normal side."""
        names = ("pending", "available", "reserve", "receivable")
        async with self.db.begin() as tx:
            found = {
                n: await ledger.balance(tx, f"merchant_{n}", "EUR", self.merchant)
                for n in names
            }
        return {name: money.minor for name, money in found.items() if money}

    async def is_known(self) -> None:
        async with self.db.begin() as tx:
            await money_out.known(tx, self.merchant, now=self.now)

    async def sent(self) -> list[tuple[str, int]]:
        """What is sent to them, and for which order."""
        await sending.send_due(self.db, now=self.now)
        async with self.db.begin() as tx:
            found = await transfers.of_owner(tx, self.merchant)
        return [(x.reference, x.amount_minor - x.taken_back_minor) for x in found]

    async def left(self, sale: actions.Sale) -> tuple[str, int]:
        """The share's state, and what is left of it."""
        of_order = sa.text(
            "SELECT state, left_minor FROM commerce.merchant_share WHERE order_id = :order"
        )
        async with self.db.begin() as tx:
            state, minor = (await tx.execute(of_order, {"order": sale.order})).one()
        return state, minor


@dataclass
class Yen(Books):
    """A merchant who sells in euros and is paid in yen, by a rate of our own."""

    terms: Terms = IN_YEN
    rate: str = "160"

    async def hold_passes(self) -> None:
        self.now += timedelta(days=4)
        await shares.release_due(self.db, fixed({"JPY": self.rate}), now=self.now)

    async def share(self, sale: actions.Sale) -> tuple[int, int]:
        """What is there of it, less what was taken beyond it; and what the whole of it is."""
        async with self.db.begin() as tx:
            row = await tx.get_one(MerchantShare, sale.order)
            return row.left_minor - row.over_minor, row.share_minor

    async def holds(self) -> dict[str, int]:
        """The merchant's accounts that are not empty, in both currencies."""
        async with self.db.begin() as tx:
            lines = await ledger.trial_balance(tx, owner=self.merchant)
        side = {"merchant_receivable": 1}
        told = {
            f"{x.account.removeprefix('merchant_')} {x.amount.currency}": x.amount.minor
            * side.get(x.account, -1)
            for x in lines
        }
        return {name: minor for name, minor in told.items() if minor}
