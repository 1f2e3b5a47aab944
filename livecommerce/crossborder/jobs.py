"""Where crossborder reaches outside: handing messages in, emptying the mailbox."""

import logging
from datetime import datetime
from functools import partial

from livecommerce.crossborder import actions, answers, refreshing
from livecommerce.crossborder.errors import UnreadableReceipt
from livecommerce.crossborder.events import (
    DeclarationMatched,
    PapersAccepted,
    WithdrawalWanted,
)
from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.db import Tx
from livecommerce.kernel.errors import Problem
from livecommerce.outside.customs.ceb.envelope import Envelope
from livecommerce.outside.customs.exchange import CustomsExchange, Letter
from livecommerce.resources import Resources

log = logging.getLogger(__name__)


async def file(
    r: Resources,
    event: DeclarationMatched | PapersAccepted | WithdrawalWanted,
    *,
    now: datetime,
) -> None:
    """Hand in what may be sent of the declaration, each message on its own.

    A crash between handing in and recording is healed by the next try: the envelope carries
    the message's guid, and the exchange takes the same one only once.
    """
    exchange: CustomsExchange = r.customs
    async with r.db.begin() as tx:
        wanted = await actions.outgoing(tx, event.declaration, now=now)
    for message in wanted:
        envelope = Envelope(
            message_id=message.guid,
            sender=message.sender,
            receivers=(message.receiver,),
            made_at=now,
            kind=message.kind.root,
            document=message.xml,
        )
        await exchange.hand_in(envelope)
        async with r.db.begin() as tx:
            await actions.record_sent(tx, event.declaration, message.id, now=now)


async def poll(r: Resources, *, now: datetime) -> int:
    """Empty our mailbox; each letter is safe with us before the platform may forget it."""
    exchange: CustomsExchange = r.customs
    owner = r.part(Desk).dxp_id
    heard = 0
    for letter in await exchange.waiting(owner):
        heard += await r.db.run(partial(_hear, letter=letter, now=now))
        await exchange.taken(owner, letter)
    return heard


async def _hear(tx: Tx, *, letter: Letter, now: datetime) -> int:
    """What nobody can read is kept as well, for staff to look at."""
    try:
        return await answers.hear(tx, letter.document, now=now)
    except UnreadableReceipt as problem:
        log.error("letter %s cannot be read: %s", letter.number, problem.detail)
        await answers.keep_unread(
            tx, letter.number, letter.document, reason=problem.detail, now=now
        )
        return 0


async def refresh_rates(r: Resources, *, now: datetime) -> bool:
    """Newer exchange rates are fetched, where an address for them is set, unless those of today
    are here; whether they were. What is refused is logged, and what is in use stays."""
    rates, address = r.part(Rates), r.settings.rates_url
    newest = rates.newest(now)  # of those that have all that is needed
    if address is None or (newest is not None and newest.on >= now.date()):
        return False
    try:
        await refreshing.refresh(r.db, r.http, rates, address, now=now)
    except Problem as problem:
        facts = {"problem": problem.code, **problem.facts}
        log.error("exchange rates were not refreshed", extra=facts)
        return False
    return True
