"""Buying from the cart: all the lines that were asked for are set aside, or none of them.

First the lines are taken, by one transaction that has the cart's row; then they are claimed,
which is where stock is decided; then they leave the cart. Each claim's key stands on its line
from before it is made, so a second click, a second device, and whoever comes after a process
that died in between, all find out what was set aside, and nothing is bought twice.
"""

from collections import Counter as Counted
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.catalogue.errors import ClaimsDown, KeyTaken, SoldOut, TooMany
from livecommerce.catalogue.rules import claim_key
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.live import claiming
from livecommerce.live.counter import Counter
from livecommerce.live.errors import NotSoldHere, OverAlready
from livecommerce.orders.cart import actions
from livecommerce.orders.cart.errors import BoughtAlready, NotAllToBeHad
from livecommerce.orders.cart.wire import BuyCart, BuyLine
from livecommerce.resources import Resources
from livecommerce.web.principal import Principal
from streams.chat.chat import Chat
from streams.sessions.errors import NoSuchLive


async def buy(
    r: Resources, want: BuyCart, *, who: Principal, key: str, now: datetime
) -> list[HoldOut]:
    """Holds for all the lines, which have left the cart then. The key makes it safe to repeat:
    the first answer comes again, though the cart has nothing of it any more.

    Raises:
        NotInCart, BeingBought, BoughtAlready: the cart is not as the buyer saw it.
        NotAllToBeHad: prices, stock or limits are not; it names the lines.
        Banned: a room that a line is from is closed to the buyer.
        KeyTaken: the key was used for something else.
        QueueFull, ClaimsDown: try again with the same key.
    """
    lines = {claim_key(who.id, key, place): line for place, line in enumerate(want.lines)}
    beyond = claim_key(who.id, key, len(lines))
    async with r.db.begin() as tx:
        taken = await actions.take(tx, lines, beyond, by=who, now=now)
    if taken.before:
        return _again(lines, taken.before, key)
    if taken.elsewhere:
        raise BoughtAlready(lines=list(taken.elsewhere))
    try:
        claims = await _claims(r, want.lines, who=who, key=key, now=now)
        holds = await r.part(Claims).claim_all(claims, now)
    except ClaimsDown:
        raise  # nobody knows; the keys stay on the lines until somebody asks again
    except Problem as refused:
        async with r.db.begin() as tx:
            await actions.let_go(tx, list(lines), by=who)
        raise await _explained(r.db, refused, want.lines) from refused
    async with r.db.begin() as tx:
        await actions.bought(tx, list(lines), by=who, now=now)
    return holds


def _again(
    lines: Mapping[str, BuyLine], before: Mapping[str, HoldOut], key: str
) -> list[HoldOut]:
    """The first answer, if the question is the same.

    Raises:
        KeyTaken: it is another.
    """
    given = [before[line] for line in lines if line in before]
    asked = [(line.card, line.variant, line.count) for line in lines.values()]
    if len(before) != len(lines) or [(h.card, h.variant, h.count) for h in given] != asked:
        raise KeyTaken(key=key)
    return given


async def _claims(
    r: Resources, lines: Sequence[BuyLine], *, who: Principal, key: str, now: datetime
) -> list[Claim]:
    """What to claim, at the prices that the buyer was shown.

    Raises:
        NotAllToBeHad: some are not sold there any more, or cost something else now.
        Banned: a room is closed to the buyer.
    """
    made: list[Claim] = []
    wrong: list[dict[str, Any]] = []
    for line in lines:
        try:
            wares = await r.part(Counter).wares(line.live)
            claim = claiming.claim_of(
                wares,
                line,
                buyer=who.id,
                key=key,
                most=r.settings.claim_limit,
                now=now,
                let_in=r.part(Chat).restraints.let_in,
            )
        except (NotSoldHere, OverAlready, NoSuchLive):
            wrong.append({**actions.named(line), "why": "withdrawn"})
            continue
        made.append(claim)
        if claim.price != line.price:
            wrong.append({**actions.named(line), "why": "price", "price": asdict(claim.price)})
    if wrong:
        raise NotAllToBeHad(lines=wrong)
    return made


async def _explained(db: Database, refused: Problem, lines: Sequence[BuyLine]) -> Problem:
    """The refusal with every line that it is about, not only the first that was met."""
    if isinstance(refused, TooMany):
        over = [line for line in lines if line.variant == refused.facts["variant"]]
        named = [
            {**actions.named(line), "why": "limit", "most": refused.facts["most"]}
            for line in over
        ]
        return NotAllToBeHad(lines=named)
    if not isinstance(refused, SoldOut):
        return refused
    async with db.begin() as tx:
        left = await catalogue.left(tx, [line.variant for line in lines])
    wanted: Counted[str] = Counted()
    for line in lines:
        wanted[line.variant] += line.count
    # Some may be back by now; the one that was refused is named all the same.
    short = {variant for variant, count in wanted.items() if left.get(variant, 0) < count}
    short.add(refused.facts["variant"])
    named = [
        {**actions.named(line), "why": "short", "left": max(0, left.get(line.variant, 0))}
        for line in lines
        if line.variant in short
    ]
    return NotAllToBeHad(lines=named)
