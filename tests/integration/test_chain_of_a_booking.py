"""The chain's first link: in both languages, and on the roster's own day."""

from datetime import datetime

from livecommerce.insight.queries import chain
from livecommerce.insight.wire import NodeKind
from livecommerce.kernel.db import Database
from livecommerce.live import actions as live_actions
from livecommerce.live.wire import MakeLive
from livecommerce.web.wire import Both
from tests.booking_centre import H, open_centre


async def test_the_booking_is_told_in_both_languages_on_the_centres_day(
    db: Database, now: datetime
) -> None:
    centre = await open_centre(db, now)
    night = {"starts_at": now + 6 * H, "ends_at": now + 8 * H}  # from 01:00 in the centre
    booking = await centre.book(equipment=["light"], **night)
    title = Both(zh="专场", en="Show")
    live = await centre.do(live_actions.make, MakeLive(booking=booking.id, title=title))
    async with db.begin() as tx:
        told = await chain(tx, live.id, who=centre.host)
    (node,) = (each for each in told.nodes if each.kind is NodeKind.BOOKING)
    assert node.href == f"/roster?day=2026-11-24&booking={booking.id}"
    facts = {fact.label.en: fact.value for fact in node.facts}
    assert facts["Merchant"] == Both(zh="名", en="Name")
    taken = [each.name for each in booking.resources]
    assert facts["Resources"] == Both(
        zh="、".join(name.zh for name in taken), en=", ".join(name.en for name in taken)
    )
