"""Money on its way to banks, as the provider tells of it: ours, and that of payees."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from payments import rules
from payments.events import PayoutFailed, PayoutOnItsWay
from payments.outgoing import ProviderPayout
from payments.rules import PayoutState
from payments.tables_out import Payee, Payout


async def apply(tx: Tx, told: ProviderPayout, *, account: str | None, now: datetime) -> bool:
    """Make our record agree with what the provider says, as far as that is news; whether the
    account is ours or one of our payees'."""
    owner: str | None = None
    if account is not None:
        mine = sa.select(col(Payee.owner)).where(col(Payee.provider_id) == account)
        owner = (await tx.execute(mine)).scalar_one_or_none()
        if owner is None:
            return False
    state = PayoutState(told.state.value)
    row = Payout(
        id=told.id,
        owner=owner,
        state=PayoutState.PENDING,
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        automatic=told.automatic,
        made_at=now,
        arrives_at=told.arrives_at,
    )
    insert = postgresql.insert(Payout).values(row.model_dump())
    once = insert.on_conflict_do_nothing(index_elements=["id"]).returning(col(Payout.id))
    if (await tx.execute(once)).scalar() is not None:
        way = PayoutOnItsWay(payout=told.id, owner=owner, amount=told.amount, at=now)
        await emit(tx, way)
    move = sa.update(Payout).where(
        col(Payout.id) == told.id,
        col(Payout.state).in_(rules.before(rules.NEXT_PAYOUT, state)),
    )
    moved = move.values(state=state, failure=told.failure, arrives_at=told.arrives_at)
    done = await tx.execute(
        moved.returning(col(Payout.id)).execution_options(synchronize_session=False)
    )
    if done.scalar() is not None and state in {PayoutState.FAILED, PayoutState.CANCELLED}:
        failed = PayoutFailed(
            payout=told.id,
            owner=owner,
            amount=told.amount,
            code=told.failure or state.value,
            at=now,
        )
        await emit(tx, failed)
    return True


async def newest(
    tx: Tx, *, owner: str | None = None, all_: bool = False, limit: int = 50
) -> Sequence[Payout]:
    """Payouts, newest first: an owner's, ours, or everybody's."""
    wanted = sa.select(Payout)
    if not all_:
        mine = col(Payout.owner) == owner if owner else col(Payout.owner).is_(None)
        wanted = wanted.where(mine)
    order = wanted.order_by(col(Payout.made_at).desc(), col(Payout.id).desc())
    return (await tx.execute(order.limit(limit))).scalars().all()
