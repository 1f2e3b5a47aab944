"""Who is to be paid: an account at the provider, and whether money can be sent to it.

Messages about an account come in any order and carry it as it was, so they only say that it is
to be looked at. Looks are numbered as they begin: what a later one saw stands, and an earlier
one's answer that comes after it is dropped. Every change makes a message, so the look that
begins after the last of them decides.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.outbox import emit
from payments.errors import NoSuchPayee
from payments.events import PayeeChanged, PayeeReady, PayeeWanted
from payments.gateway import PaymentGateway
from payments.outgoing import ProviderAccount, WantedAccount
from payments.rules import PayeeState
from payments.tables_out import Payee


async def want(tx: Tx, owner: str, *, country: str, email: str, now: datetime) -> Payee:
    """Write down that this owner is to be paid; wanted again, it is the first one."""
    row = Payee(
        owner=owner,
        state=PayeeState.OPENING,
        country=country,
        email=email,
        due=[],
        wanted_at=now,
    )
    insert = postgresql.insert(Payee).values(row.model_dump())
    once = insert.on_conflict_do_nothing(index_elements=["owner"]).returning(col(Payee.owner))
    if (await tx.execute(once)).scalar() is not None:
        await emit(tx, PayeeWanted(owner=owner))
    return await get(tx, owner)


async def get(tx: Tx, owner: str) -> Payee:
    """The payee.

    Raises:
        NoSuchPayee: this owner was never set up.
    """
    found = await tx.get(Payee, owner, populate_existing=True)
    if found is None:
        raise NoSuchPayee(owner=owner)
    return found


async def find(tx: Tx, owners: Sequence[str]) -> dict[str, Payee]:
    """Those of these owners that are set up."""
    theirs = sa.select(Payee).where(col(Payee.owner).in_(owners))
    return {row.owner: row for row in (await tx.execute(theirs)).scalars()}


_TO_HEAR = sa.text("""
SELECT p.owner FROM payments.payee p
WHERE p.provider_id IS NOT NULL AND coalesce(p.heard_at, p.wanted_at) < :before
  AND (p.state <> 'ready'
    OR EXISTS (SELECT FROM payments.transfer t WHERE t.owner = p.owner AND t.sent_at > :lately)
    OR EXISTS (SELECT FROM payments.payout o WHERE o.owner = p.owner
               AND o.state IN ('pending', 'in_transit')))
ORDER BY coalesce(p.heard_at, p.wanted_at), p.owner LIMIT :limit
""")


async def to_hear(tx: Tx, *, before: datetime, lately: datetime, limit: int) -> Sequence[Payee]:
    """Payees of whose accounts there may be news that never arrived, and that were not asked
    about since ``before``: questions are open, money was sent since ``lately``, or a payout is
    on its way."""
    asked = {"before": before, "lately": lately, "limit": limit}
    owners = list((await tx.execute(_TO_HEAR, asked)).scalars())
    return list((await find(tx, owners)).values())


async def heard(tx: Tx, owner: str, *, now: datetime) -> None:
    """What was said of the owner's account up to now is known."""
    mine = sa.update(Payee).where(col(Payee.owner) == owner)
    await tx.execute(mine.values(heard_at=now))


async def is_ready(tx: Tx, owner: str) -> bool:
    """Whether money can be sent to this owner."""
    found = await tx.get(Payee, owner, populate_existing=True)
    return found is not None and found.state is PayeeState.READY


async def open_with_provider(
    db: Database, gateway: PaymentGateway, owner: str, *, now: datetime
) -> Payee:
    """Have an account opened; opened already, it changes nothing.

    Raises:
        OutcomeUnknown, NotAsked: call again later; the key makes it one account.
    """
    async with db.begin() as tx:
        payee, look_ = await get(tx, owner), await _begin(tx, owner)
    if payee.provider_id is not None:
        return payee
    asked = WantedAccount(
        key=f"{owner}:payee", owner=owner, country=payee.country, email=payee.email
    )
    told = await gateway.open_account(asked)
    async with db.begin() as tx:
        await apply(tx, told, look=look_, now=now)
        return await get(tx, owner)


async def look(db: Database, gateway: PaymentGateway, owner: str, *, now: datetime) -> Payee:
    """Job: how the account stands at the provider is how it stands here.

    Raises:
        OutcomeUnknown, NotAsked: call again later.
        NoSuchPayee: this owner was never set up.
    """
    async with db.begin() as tx:
        payee, began = await get(tx, owner), await _begin(tx, owner)
    if payee.provider_id is None:
        return payee  # it is being opened, and tells how it stands
    told = await gateway.look_at_account(payee.provider_id)
    async with db.begin() as tx:
        await apply(tx, told, look=began, now=now)
        return await get(tx, owner)


async def changed(tx: Tx, told: ProviderAccount) -> bool:
    """Have the account looked at; whether it is one of ours. What the message says of it may
    be old: nothing of that is believed but whose it is."""
    row = await _locked(tx, told)
    if row is None:
        return False
    row.provider_id = told.id
    await tx.flush()
    await emit(tx, PayeeChanged(owner=row.owner))
    return True


async def onboarding_page(
    db: Database,
    gateway: PaymentGateway,
    owner: str,
    *,
    back_to: str,
    again_at: str,
    now: datetime,
) -> str:
    """Where the owner answers the provider's questions.

    Raises:
        NoSuchPayee, OutcomeUnknown, NotAsked.
    """
    payee = await open_with_provider(db, gateway, owner, now=now)
    assert payee.provider_id is not None
    return await gateway.onboarding_page(payee.provider_id, back_to=back_to, again_at=again_at)


async def apply(tx: Tx, told: ProviderAccount, *, look: int, now: datetime) -> None:
    """Make our record agree with what a look at the provider saw, unless a later one has.

    Args:
        look: which look it was; see :func:`look`.
    """
    row = await _locked(tx, told)
    if row is None or look <= row.looked:
        return
    was = row.state
    row.looked = look
    row.provider_id = told.id
    row.due = list(told.due)
    if told.ready:
        row.state = PayeeState.READY
    else:
        asked_before = was in {PayeeState.READY, PayeeState.RESTRICTED}
        row.state = PayeeState.RESTRICTED if asked_before else PayeeState.ONBOARDING
    if row.state is PayeeState.READY and was is not PayeeState.READY:
        row.ready_at = now
        await emit(tx, PayeeReady(owner=row.owner, at=now))
    await tx.flush()


async def _begin(tx: Tx, owner: str) -> int:
    """The number of a look that begins now."""
    mine = sa.update(Payee).where(col(Payee.owner) == owner)
    count = mine.values(looks=col(Payee.looks) + 1).returning(col(Payee.looks))
    return (await tx.execute(count)).scalar_one()


async def _locked(tx: Tx, told: ProviderAccount) -> Payee | None:
    """Whose account it is, ours until the transaction ends."""
    mine = sa.or_(
        col(Payee.provider_id) == told.id,
        sa.and_(col(Payee.provider_id).is_(None), col(Payee.owner) == told.owner),
    )
    locked = sa.select(Payee).where(mine).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalar_one_or_none()
