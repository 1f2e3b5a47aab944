"""A live session around now, made with the same actions that people's clicks call."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from livecommerce.catalogue import queries as catalogue
from livecommerce.demo.seed import SeededCentre
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Tx
from livecommerce.live import actions
from livecommerce.live.wire import AddCard, MakeLive
from livecommerce.resources import Resources
from livecommerce.studios import actions as studios
from livecommerce.studios.errors import SlotTaken
from livecommerce.studios.wire import BookSlot
from livecommerce.web.wire import Both
from streams.ingest import actions as ingest
from streams.ingest import rules as ingest_rules
from streams.sessions import actions as sessions
from streams.sessions import queries as live_sessions
from streams.sessions.rules import ON_AIR, TO_COME

LASTS = timedelta(hours=3)
CARDS = 8
JOURNEY = Both(zh="全链路走查", en="A walk along the chain")
TITLE = Both(zh="秋冬床品专场 · 南通直播", en="Autumn bedding, live from Nantong")


_LEFT = sa.text(
    "SELECT b.id FROM commerce.booking b WHERE b.title ->> 'en' = ANY(:titles)"
    " AND EXISTS (SELECT FROM commerce.allocation a WHERE a.booking_id = b.id"
    " AND a.status IN ('held', 'confirmed') AND upper(a.during) > :now) ORDER BY b.id"
)
_STRUCK = sa.text(
    "UPDATE commerce.allocation SET status = 'cancelled'"
    " WHERE booking_id = ANY(:bookings) AND status IN ('held', 'confirmed')"
)


@dataclass(frozen=True, slots=True)
class Show:
    """What is on."""

    live: str
    booking: str
    cards: list[str]
    ends_at: datetime
    ingest_url: str = field(repr=False)

    async def explain(
        self, r: Resources, centre: SeededCentre, turn: int, *, now: datetime
    ) -> None:
        """The next card's turn."""
        card = self.cards[turn % len(self.cards)]
        async with r.db.begin() as tx:
            await actions.explain(tx, self.live, card, by=centre.principal("host"), now=now)


async def open_show(r: Resources, centre: SeededCentre, *, now: datetime) -> Show:
    """Book a slot from now on in whichever studio is free, fill its shelf, make it ready."""
    host = centre.principal("host")
    starts = now - timedelta(minutes=2)
    booking = await _book(r, centre, starts)
    async with r.db.begin() as tx:
        live = await actions.make(tx, MakeLive(booking=booking, title=TITLE), by=host, now=now)
        page = await catalogue.listed(tx, merchants=[centre.merchant], after=None, limit=CARDS)
        cards = []
        for product in reversed(page.items):
            prices = {v.id: v.price.minor * 88 // 100 // 100 * 100 for v in product.variants}
            want = AddCard(product=product.id, prices=prices)
            card = await actions.add_card(tx, live.id, want, by=host, now=now)
            cards.append(card.id)
        window = ingest_rules.window(Period(live.starts_at, live.ends_at))
        issued = await ingest.issue_key(tx, live.id, valid=window, now=now)
        await actions.make_ready(tx, live.id, by=host, now=now)
    url = f"{r.rtmp_address}/{issued.stream_key}" if r.rtmp_address else ""
    return Show(live.id, booking, cards, live.ends_at, url)


async def strike(tx: Tx, *, now: datetime) -> None:
    """Take down what earlier runs of the demo left standing: their sessions end, and their
    slots are free at once, without the time that real people need to clear a set."""
    found = (await tx.execute(_LEFT, {"titles": [TITLE.en, JOURNEY.en], "now": now})).all()
    for row in found:
        session = await live_sessions.for_reference(tx, row.id)
        if session is not None and session.state in ON_AIR:
            await sessions.end(tx, session.id, now=now)
        elif session is not None and session.state in TO_COME:
            await sessions.cancel(tx, session.id, now=now)
    await tx.execute(_STRUCK, {"bookings": [row.id for row in found]})


async def _book(r: Resources, centre: SeededCentre, starts: datetime) -> str:
    host = centre.principal("host")
    taken: SlotTaken | None = None
    studios_first = [centre.studio, *(i for i in centre.resources.values() if i[:4] == "std_")]
    for hours in (3, 2, 1):
        for studio in dict.fromkeys(studios_first):
            want = BookSlot(
                merchant=centre.merchant,
                studio=studio,
                starts_at=starts,
                ends_at=starts + timedelta(hours=hours),
                title=TITLE,
            )
            try:
                async with r.db.begin() as tx:
                    return (await studios.book(tx, want, by=host, now=starts)).id
            except SlotTaken as refused:
                taken = refused
    assert taken is not None
    raise taken
