"""What a page is told before its first request: who looks at it, and what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from livecommerce.identity import queries as people
from livecommerce.kernel.errors import NotFound
from livecommerce.kernel.ids import looks_like
from livecommerce.live import queries as live
from livecommerce.pages.words import lang_of
from livecommerce.web.keys import PRINCIPAL, RESOURCES
from livecommerce.web.wire import Both
from streams.sessions import queries as sessions


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """Who may sign in to the demo; only the demo adds this part to a process."""

    accounts: Sequence[Mapping[str, object]]


async def told(request: web.Request, page: str) -> Mapping[str, object]:
    """For every page, who the visitor is and what can be paid in; for a room, its title and
    first picture; for the demo's sign-in, who may sign in; for a checkout before the real
    provider, the key of its payment element."""
    r = request.app[RESOURCES]
    known: dict[str, object] = {"sells_in": r.settings.sells_in}
    async with r.db.begin() as tx:
        known["me"] = (await people.me(tx, request[PRINCIPAL])).model_dump(mode="json")
        number = request.match_info.get("live", "")
        if number:
            try:
                session = await sessions.get(tx, number if looks_like("liv", number) else "")
            except NotFound:
                return known | {"missing": True}  # the page says so itself, in words
        if page == "room":
            known["title"] = Both(**session.title).told(lang_of(request))
            covers = await live.covers(tx, [number])
            known |= {"poster": covers[number]} if number in covers else {}
    if page == "checkout" and (key := r.settings.element_key) is not None:
        known["stripe"] = {"key": key}
    if page == "sign-in" and (demo := r.find(DemoAccounts)) is not None:
        known["demo"] = {"accounts": demo.accounts}
    return known
