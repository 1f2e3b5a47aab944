"""Hearing customs: every answer is stored as it came, counts once, and moves the set forward.

The standing of a message is worked out from all its answers, so late, repeated and reordered
answers need no special case.
"""

import base64
import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from livecommerce.crossborder import actions, queries, rules
from livecommerce.crossborder.errors import UnreadableReceipt
from livecommerce.crossborder.events import (
    DeclarationClosed,
    DeclarationRejected,
    DeclarationReleased,
    PapersAccepted,
)
from livecommerce.crossborder.rules import DeclarationState, MessageState, Standing
from livecommerce.crossborder.tables import DeclarationRow, MessageRow, ReceiptRow
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.outside.customs.ceb import receipts
from livecommerce.outside.customs.ceb.document import Unreadable
from livecommerce.outside.customs.ceb.names import FORMAT_RECEIPT, MessageKind
from livecommerce.outside.customs.ceb.receipts import Receipt

log = logging.getLogger(__name__)

UNREAD = "unread"


async def hear(tx: Tx, raw: bytes, *, now: datetime) -> int:
    """Apply every answer in the document; returns how many were new.

    Raises:
        UnreadableReceipt: it is no customs answer.
    """
    try:
        found = receipts.read(raw)
    except Unreadable as error:
        raise UnreadableReceipt(str(error)) from None
    heard = 0
    for receipt in sorted(found, key=lambda each: each.key):
        heard += await _hear_one(tx, receipt, now=now)
    return heard


async def _hear_one(tx: Tx, receipt: Receipt, *, now: datetime) -> bool:
    """One answer: store it, then read the message's standing off all of them."""
    message = await _subject(tx, receipt)
    row = None if message is None else await actions.locked(tx, message.declaration_id)
    if message is not None:
        # Under the lock, a resend may have come in between: ask again whose answer it is.
        message = await _subject(tx, receipt)
    if not await _store(tx, receipt, message, now=now):
        return False
    if row is None or message is None:
        log.warning("an answer about nothing we sent: %s %s", receipt.root, receipt.status)
        return True
    before = MessageState(message.state), message.accepted
    stands = rules.standing(message.kind, await _answers(tx, message))
    _apply(message, stands, now=now)
    if message.kind is MessageKind.INVENTORY and receipt.fields.get("invtNo"):
        row.inventory_number = receipt.fields["invtNo"]
    await tx.flush()
    if (message.state, message.accepted) != before:
        await _moved(tx, row, message, now=now)
    return True


async def _subject(tx: Tx, receipt: Receipt) -> MessageRow | None:
    """The sending an answer is about: the newest one whose floor lies before the answer."""
    wanted = select(MessageRow).where(col(MessageRow.asked_at).is_not(None))
    if receipt.root == FORMAT_RECEIPT:
        wanted = wanted.where(col(MessageRow.guid) == receipt.key)
    else:
        wanted = wanted.where(
            col(MessageRow.kind) == receipt.kind,
            col(MessageRow.business_key) == receipt.key,
            col(MessageRow.floor) < receipt.time,
        )
    newest = wanted.order_by(col(MessageRow.attempt).desc()).limit(1)
    found = await tx.execute(newest.execution_options(populate_existing=True))
    return found.scalar_one_or_none()


async def _store(
    tx: Tx, receipt: Receipt, message: MessageRow | None, *, now: datetime
) -> bool:
    """Keep the answer; whether it was new."""
    kept = (
        insert(ReceiptRow)
        .values(
            id=ids.new("crct"),
            root=receipt.root,
            business_key=receipt.key,
            status=receipt.status,
            return_time=receipt.time,
            info=receipt.info,
            message_id=None if message is None else message.id,
            raw=receipt.raw,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(col(ReceiptRow.id))
    )
    return (await tx.execute(kept)).scalar_one_or_none() is not None


async def _answers(tx: Tx, message: MessageRow) -> Sequence[rules.Answer]:
    told = sa.select(
        col(ReceiptRow.root),
        col(ReceiptRow.status),
        col(ReceiptRow.return_time),
        col(ReceiptRow.info),
    ).where(col(ReceiptRow.message_id) == message.id)
    return [rules.Answer(*row) for row in await tx.execute(told)]


def _apply(message: MessageRow, stands: Standing, *, now: datetime) -> None:
    message.state = stands.state
    message.accepted = stands.accepted
    message.answered_at = now
    if stands.answer is not None:
        message.status, message.info = stands.answer.status, stands.answer.info


async def _moved(tx: Tx, row: DeclarationRow, message: MessageRow, *, now: datetime) -> None:
    """Tell what the answer made true."""
    newest = (await queries.newest_messages(tx, [row.id]))[row.id]
    if message.id not in {m.id for m in newest}:
        return  # about a sending that has been replaced since
    await actions.refresh(tx, row, now=now)
    about = {
        "declaration": row.id,
        "consignment": row.consignment,
        "order": row.order_id,
        "merchant": row.merchant_id,
    }
    if message.state is MessageState.REJECTED:
        rejected = DeclarationRejected(
            **about,
            message=message.kind,
            status=message.status or "",
            reason=message.info or "",
            at=now,
        )
        await emit(tx, rejected)
    elif row.state is DeclarationState.RELEASED:
        released = DeclarationReleased(**about, at=now, inventory_number=row.inventory_number)
        await emit(tx, released)
    elif row.state is DeclarationState.CLOSED:
        await emit(tx, DeclarationClosed(**about, at=now))
    elif message.kind in rules.PAPERS and message.accepted:
        accepted = {m.kind: m.accepted for m in newest}
        if rules.may_follow(accepted):
            await emit(tx, PapersAccepted(declaration=row.id, attempt=row.attempt))


async def keep_unread(tx: Tx, number: str, raw: bytes, *, reason: str, now: datetime) -> None:
    """Keep a letter nobody can read, as Base64, under the platform's number."""
    kept = insert(ReceiptRow).values(
        id=ids.new("crct"),
        root=UNREAD,
        business_key=number,
        status="",
        return_time="",
        info=reason,
        raw=base64.b64encode(raw).decode(),
        received_at=now,
    )
    await tx.execute(kept.on_conflict_do_nothing())


async def unexplained(tx: Tx, *, limit: int = 100) -> list[ReceiptRow]:
    """Answers about nothing we sent, newest first, for staff to look at."""
    rows = await tx.execute(
        select(ReceiptRow)
        .where(col(ReceiptRow.message_id).is_(None))
        .order_by(col(ReceiptRow.received_at).desc())
        .limit(limit)
    )
    return list(rows.scalars())
