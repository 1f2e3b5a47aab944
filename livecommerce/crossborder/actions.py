"""What is done across the border: quote, open a declaration, send it, hear the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from livecommerce.crossborder import opening, queries, quotes, rulebook, rules, tariff
from livecommerce.crossborder.errors import (
    DestinationRefused,
    NoSuchDeclaration,
    WrongDeclarationState,
)
from livecommerce.crossborder.events import (
    DeclarationFiled,
    DeclarationMatched,
    WithdrawalWanted,
)
from livecommerce.crossborder.facts import ConsignmentFacts, Desk
from livecommerce.crossborder.messages import Draft, cancellation
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.rules import MessageState
from livecommerce.crossborder.seal import seal_of
from livecommerce.crossborder.tables import (
    DeclarationRow,
    MessageRow,
    QuoteRow,
    ReceiptRow,
)
from livecommerce.crossborder.wire import DeclarationOut, QuoteOut, QuoteRequest
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.outbox import emit
from livecommerce.outside.customs.ceb.names import MessageKind


async def quote(
    tx: Tx, want: QuoteRequest, *, buyer: str, rates: Rates, desk: Desk, now: datetime
) -> QuoteOut:
    """The landed cost, promised for 15 minutes and stored whole.

    Args:
        rates: ``call.r.part(Rates)``.
        desk: ``call.r.part(Desk)``.

    Raises:
        NoRate: a currency has no published rate.
        RatesTooOld: nothing newer than 45 days is held, and no day is pinned.
        NotShippedThere: our tariff has no price for a parcel.
        DestinationRefused: the desk does not serve the destination today.
    """
    refused = desk.refuses(want.destination.country, rules.customs_day(now))
    if refused is not None:
        raise DestinationRefused(
            refused.reason.en,
            country=refused.country,
            reason=refused.reason.model_dump(),
            since=refused.valid_from.isoformat(),
        )
    found = quotes.landed_cost(
        want,
        id_=ids.new("qut"),
        now=now,
        rates=rates.day(now),
        book=rulebook.shipped(),
        tariff=tariff.shipped(),
    )
    body = found.model_dump(mode="json")
    tx.add(
        QuoteRow(
            id=found.id,
            buyer=buyer,
            country=want.destination.country,
            currency=found.currency,
            total_minor=found.total.minor,
            body=body,
            seal=seal_of(body),
            made_at=found.made_at,
            expires_at=found.expires_at,
        )
    )
    await tx.flush()
    return found


async def open_declaration(
    tx: Tx, facts: ConsignmentFacts, *, desk: Desk, rates: Rates, now: datetime
) -> DeclarationOut:
    """Build the set of a consignment and match it; opening again returns the first one.

    ``matched`` when it may be sent (``DeclarationMatched`` is told), else ``draft`` with the
    differences.

    Args:
        desk: ``call.r.part(Desk)``.
        rates: ``call.r.part(Rates)``; used only for currencies customs has no number for.

    Raises:
        UnknownCountry: customs has no number for the destination.
    """
    await one_at_a_time(tx, f"declare:{facts.consignment}")
    same = select(DeclarationRow.id).where(col(DeclarationRow.consignment) == facts.consignment)
    there = (await tx.execute(same)).scalar_one_or_none()
    if there is not None:
        return await queries.declaration(tx, there)
    row = DeclarationRow(
        id=ids.new("dcl"),
        consignment=facts.consignment,
        order_id=facts.order,
        merchant_id=facts.merchant_id,
        mode=facts.mode,
        carrier_code=facts.carrier.code,
        tracking=facts.tracking,
        state=rules.DeclarationState.DRAFT,
        attempt=0,
        facts={},
        desk=desk.model_dump(mode="json"),
        differences=[],
        opened_at=now,
        changed_at=now,
    )
    tx.add(row)
    await tx.flush()
    return await _prepare(tx, row, facts, desk, rates, now)


async def resend(
    tx: Tx,
    id_: str,
    *,
    facts: ConsignmentFacts | None = None,
    desk: Desk | None = None,
    rates: Rates,
    now: datetime,
) -> DeclarationOut:
    """Build the set again after a rejection, or after a draft was corrected.

    What customs already has and what did not change stays as it is; the rest gets a new guid
    under the same business number, as a change if customs knows the document.

    Raises:
        NoSuchDeclaration, WrongDeclarationState.
    """
    row = await locked(tx, id_)
    if row.state not in rules.MAY_RESEND:
        raise WrongDeclarationState(declaration=id_, state=row.state)
    found = facts or ConsignmentFacts.model_validate(row.facts)
    about = (found.consignment, found.order, found.merchant_id)
    if about != (row.consignment, row.order_id, row.merchant_id):
        raise WrongDeclarationState("The facts are another consignment's.", declaration=id_)
    own = desk or Desk.model_validate(row.desk)
    return await _prepare(tx, row, found, own, rates, now)


async def locked(tx: Tx, id_: str) -> DeclarationRow:
    """The declaration, ours until the transaction ends. Raises NoSuchDeclaration."""
    wanted = select(DeclarationRow).where(col(DeclarationRow.id) == id_).with_for_update()
    row = (
        await tx.execute(wanted.execution_options(populate_existing=True))
    ).scalar_one_or_none()
    if row is None:
        raise NoSuchDeclaration(declaration=id_)
    return row


async def _prepare(
    tx: Tx,
    row: DeclarationRow,
    facts: ConsignmentFacts,
    desk: Desk,
    rates: Rates,
    now: datetime,
) -> DeclarationOut:
    there = {m.kind: m for m in (await queries.newest_messages(tx, [row.id]))[row.id]}
    judged = opening.judge(
        facts,
        desk,
        number=row.id,
        rates=rates,
        waybill_used=await _waybill_used(tx, row, facts, now),
        known=await _known(tx, row.id),
        now=now,
    )
    for draft in judged.drafts:
        last = there.get(draft.kind)
        if last is not None and last.digest == draft.digest and _stays(last):
            continue
        message = await _keep(tx, row.id, draft, last, matched=judged.matched)
        there[draft.kind] = message
    row.facts = facts.model_dump(mode="json")
    row.desk = desk.model_dump(mode="json")
    row.carrier_code = facts.carrier.code
    row.tracking = facts.tracking
    row.differences = [each.model_dump(mode="json") for each in judged.differences]
    row.attempt += 1
    row.state = rules.state_of_set(
        {kind: m.state for kind, m in there.items()}, differs=not judged.matched
    )
    row.changed_at = now
    await tx.flush()
    if judged.matched:
        matched = DeclarationMatched(
            declaration=row.id,
            consignment=row.consignment,
            order=row.order_id,
            merchant=row.merchant_id,
            attempt=row.attempt,
        )
        await emit(tx, matched)
    return await queries.declaration(tx, row.id)


def _stays(message: MessageRow) -> bool:
    """Whether an unchanged message need not be made again: customs has it, or is at it."""
    return message.state not in {MessageState.DRAFT, MessageState.REJECTED}


async def _keep(
    tx: Tx, declaration: str, draft: Draft, last: MessageRow | None, *, matched: bool
) -> MessageRow:
    """Store the draft: in the place of one never sent, else as the next attempt."""
    state = MessageState.MATCHED if matched else MessageState.DRAFT
    if last is not None and last.asked_at is None:
        last.guid, last.xml, last.digest = draft.guid, draft.xml.decode(), draft.digest
        last.business_key, last.app_type, last.state = (
            draft.business_key,
            draft.app_type,
            state,
        )
        return last
    message = MessageRow(
        id=ids.new("cmsg"),
        declaration_id=declaration,
        kind=draft.kind,
        attempt=1 if last is None else last.attempt + 1,
        business_key=draft.business_key,
        guid=draft.guid,
        app_type=draft.app_type,
        digest=draft.digest,
        xml=draft.xml.decode(),
        state=state,
        floor="" if last is None else await _last_answer(tx, last),
    )
    tx.add(message)
    return message


async def _waybill_used(
    tx: Tx, row: DeclarationRow, facts: ConsignmentFacts, now: datetime
) -> bool:
    """Whether another set of the last six months has the carrier's number (M9)."""
    same = sa.select(
        sa.exists().where(
            col(DeclarationRow.id) != row.id,
            col(DeclarationRow.carrier_code) == facts.carrier.code,
            col(DeclarationRow.tracking) == facts.tracking,
            col(DeclarationRow.opened_at) > now - rules.WAYBILL_IS_UNIQUE_FOR,
            col(DeclarationRow.state) != rules.DeclarationState.CANCELLED,
        )
    )
    return bool(await tx.scalar(same))


async def _known(tx: Tx, declaration: str) -> frozenset[MessageKind]:
    """The documents customs ever took in, under whatever guid."""
    told = (
        sa.select(
            col(MessageRow.kind),
            col(ReceiptRow.root),
            col(ReceiptRow.status),
            col(ReceiptRow.return_time),
        )
        .join(ReceiptRow, col(ReceiptRow.message_id) == col(MessageRow.id))
        .where(col(MessageRow.declaration_id) == declaration)
    )
    answers = [(kind, rules.Answer(*said)) for kind, *said in await tx.execute(told)]
    return frozenset(kind for kind, answer in answers if rules.takes_in(answer))


async def _last_answer(tx: Tx, message: MessageRow) -> str:
    """Customs' time of the newest answer about this sending."""
    newest = sa.select(sa.func.max(col(ReceiptRow.return_time))).where(
        col(ReceiptRow.message_id) == message.id
    )
    return await tx.scalar(newest) or message.floor


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that may be sent now, with what its envelope says."""

    id: str
    kind: MessageKind
    guid: str
    xml: bytes
    sender: str
    receiver: str


async def outgoing(tx: Tx, id_: str, *, now: datetime) -> Sequence[Outgoing]:
    """What shall be sent now: papers at once, the inventory when customs has all three.

    They are marked as asked for, so that a correction from now on is another sending.

    Raises:
        NoSuchDeclaration.
    """
    row = await locked(tx, id_)
    if row.state is rules.DeclarationState.DRAFT:
        return []
    messages = (await queries.newest_messages(tx, [id_]))[id_]
    follows = rules.may_follow({m.kind: m.accepted for m in messages})
    desk = Desk.model_validate(row.desk)
    wanted = [
        m
        for m in messages
        if m.state is MessageState.MATCHED
        and m.sent_at is None
        and (m.kind is not MessageKind.INVENTORY or follows)
    ]
    for message in wanted:
        message.asked_at = message.asked_at or now
    await tx.flush()
    return [
        Outgoing(m.id, m.kind, m.guid, m.xml.encode(), desk.dxp_id, desk.receiver_id)
        for m in wanted
    ]


async def record_sent(tx: Tx, declaration: str, message: str, *, now: datetime) -> None:
    """The exchange has taken the message; sending it twice is recorded once.

    Customs may have answered already. The inventory's sending is told as ``DeclarationFiled``.
    """
    row = await locked(tx, declaration)
    sent = (
        sa.update(MessageRow)
        .where(col(MessageRow.id) == message, col(MessageRow.sent_at).is_(None))
        .values(
            sent_at=now,
            state=sa.case(
                (col(MessageRow.state) == MessageState.MATCHED, MessageState.SENT),
                else_=col(MessageRow.state),
            ),
        )
        .returning(col(MessageRow.kind))
    )
    kind = (await tx.execute(sent)).scalar_one_or_none()
    if kind is None:
        return
    await refresh(tx, row, now=now)
    if kind is MessageKind.INVENTORY:
        filed = DeclarationFiled(
            declaration=row.id,
            consignment=row.consignment,
            order=row.order_id,
            merchant=row.merchant_id,
            at=now,
        )
        await emit(tx, filed)


async def refresh(tx: Tx, row: DeclarationRow, *, now: datetime) -> None:
    """Read the set's state off its messages again."""
    messages = (await queries.newest_messages(tx, [row.id]))[row.id]
    differs = row.state is rules.DeclarationState.DRAFT
    state = rules.state_of_set({m.kind: m.state for m in messages}, differs=differs)
    if state is not row.state:
        row.state, row.changed_at = state, now
    await tx.flush()


async def withdraw(tx: Tx, id_: str, *, reason: str, now: datetime) -> DeclarationOut:
    """Ask customs to cancel the inventory before the goods leave (CEB605).

    Raises:
        NoSuchDeclaration, WrongDeclarationState: customs has no inventory to cancel.
    """
    row = await locked(tx, id_)
    if row.state not in rules.MAY_CANCEL or row.inventory_number is None:
        raise WrongDeclarationState(declaration=id_, state=row.state)
    newest = {m.kind: m for m in (await queries.newest_messages(tx, [id_]))[id_]}
    last = newest.get(MessageKind.CANCELLATION)
    if last is not None and last.state is not MessageState.REJECTED:
        return await queries.declaration(tx, id_)
    draft = cancellation(
        ConsignmentFacts.model_validate(row.facts),
        Desk.model_validate(row.desk),
        number=row.id,
        inventory_number=row.inventory_number,
        reason=reason,
        now=now,
    )
    await _keep(tx, row.id, draft, last, matched=True)
    await tx.flush()
    await emit(tx, WithdrawalWanted(declaration=row.id, attempt=row.attempt))
    return await queries.declaration(tx, id_)
