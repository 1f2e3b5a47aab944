"""Messages with an order: who reads them, what is unread, and who is told."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from livecommerce.identity import actions as people
from livecommerce.kernel.db import Database
from livecommerce.kernel.page import Cursor
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.messages import actions, jobs, queries, rules
from livecommerce.orders.messages.errors import ThreadFull, WritingTooFast
from livecommerce.orders.messages.events import MessageSent
from livecommerce.orders.messages.rules import LONGEST, Side
from livecommerce.orders.messages.wire import ThreadOut, WriteMessage
from livecommerce.settings import Settings
from livecommerce.web.principal import (
    Kind,
    MerchantRole,
    NotAllowed,
    NotYours,
    Principal,
    StaffRole,
)
from tests import shop
from tests.purchases import Counter

STAFF = Principal(id="usr_staff", kind=Kind.PERSON, staff=frozenset({StaffRole.OPERATOR}))


class Order:
    """An order, its buyer, and people of its merchant."""

    def __init__(self, counter: Counter, buyer: Principal, id_: str, merchant: str) -> None:
        self.db, self.now, self.counter = counter.db, counter.now, counter
        self.buyer, self.id, self.merchant = buyer, id_, merchant
        self.owner = shop.owner(merchant)

    def member(self, role: MerchantRole) -> Principal:
        held = {self.merchant: frozenset({role})}
        return Principal(id=f"usr_{role}", kind=Kind.PERSON, memberships=held)

    async def say(self, who: Principal, text: str = "Hello") -> None:
        self.now += timedelta(seconds=1)
        async with self.db.begin() as tx:
            await actions.write(tx, self.id, WriteMessage(text=text), by=who, now=self.now)

    async def read(self, who: Principal, number: int) -> None:
        async with self.db.begin() as tx:
            await actions.read(tx, self.id, number, by=who)

    async def seen(self, who: Principal) -> ThreadOut:
        async with self.db.begin() as tx:
            return await queries.thread(tx, self.id, by=who)

    async def unread(self) -> tuple[int, int]:
        return (await self.seen(self.buyer)).unread, (await self.seen(self.owner)).unread

    async def inbox(self, who: Principal, **how: Any) -> list[tuple[str, int]]:
        async with self.db.begin() as tx:
            page = await queries.listed(tx, by=who, **how)
        return [(one.order, one.unread) for one in page.items]

    async def told(self) -> list[MessageSent]:
        topic = "orders.messages.MessageSent"
        return [MessageSent(**body) for body in await self.counter.told(topic)]


async def placed(counter: Counter, number: int = 1) -> Order:
    product = await shop.open_shop(counter.db, now=counter.now, number=number)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    (order,) = await counter.orders(checkout)
    return Order(counter, who, order.id, product.merchant)


@pytest.fixture
async def order(db: Database, now: datetime) -> Order:
    return await placed(Counter(db, now))


async def test_both_sides_write_and_see_what_they_have_not_read(order: Order) -> None:
    assert (await order.seen(order.buyer)).messages == []
    await order.say(order.buyer, "Is it <b>washable</b>?\nAt 60 °C?")
    await order.say(order.buyer)
    assert await order.unread() == (0, 2)
    await order.read(order.owner, 1)
    assert await order.unread() == (0, 1)
    await order.say(order.owner, "Yes.")  # whoever answers has read what came before
    assert await order.unread() == (1, 0)
    await order.say(STAFF, "We are here as well.")
    assert await order.unread() == (2, 1)
    await order.read(order.buyer, 3)
    await order.read(order.buyer, 1)  # nobody has read less than before
    assert await order.unread() == (1, 1)
    seen = await order.seen(order.buyer)
    assert [m.number for m in seen.messages] == [1, 2, 3, 4]
    assert seen.messages[0].text == "Is it <b>washable</b>?\nAt 60 °C?"
    assert [m.mine for m in seen.messages] == [True, True, False, False]
    assert seen.messages[2].name == "锦棉家纺", "a member writes as the shop"
    assert (seen.seen_by_buyer, seen.seen_by_merchant) == (3, 3)


async def test_only_those_whose_work_it_is_read_along(order: Order) -> None:
    for nobody in (shop.buyer(), shop.owner("mer_other")):
        with pytest.raises(NoSuchOrder):
            await order.seen(nobody)
        with pytest.raises(NoSuchOrder):
            await order.say(nobody)
    scheduler = Principal(id="usr_s", kind=Kind.PERSON, staff=frozenset({StaffRole.SCHEDULER}))
    for colleague in (order.member(MerchantRole.HOST), scheduler):
        with pytest.raises(NotAllowed):
            await order.seen(colleague)
        with pytest.raises(NotAllowed):
            await order.read(colleague, 1)
    await order.say(order.member(MerchantRole.FINANCE))
    assert (await order.seen(STAFF)).side is Side.STAFF
    await order.read(STAFF, 1)
    assert await order.unread() == (1, 0), "staff leave no mark"


async def test_a_message_is_text_within_bounds(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bad in ("", "  \n ", "a\x00b", "a\x1bb", "\u200b", "\u2060\u3164", "x" * (LONGEST + 1)):
        with pytest.raises(ValidationError):
            WriteMessage(text=bad)
    assert WriteMessage(text="\u202eabc\u2066 \u200d").text == "abc \u200d"
    monkeypatch.setattr(rules, "MOST", 2)
    await order.say(order.buyer, "x" * LONGEST)
    await order.say(order.buyer)
    with pytest.raises(ThreadFull):
        await order.say(order.owner)


async def test_a_burst_ends_after_ten_and_leaves_the_others_alone(order: Order) -> None:
    told = await asyncio.gather(
        *(order.say(order.buyer) for _ in range(40)), return_exceptions=True
    )
    refused = [each for each in told if isinstance(each, WritingTooFast)]
    assert [each for each in told if each is None] == [None] * rules.AT_ONCE
    assert len(refused) == 40 - rules.AT_ONCE
    assert all(0 < each.facts["retry_after"] <= 60 for each in refused)
    await order.say(order.owner)
    order.now += rules.WITHIN
    await order.say(order.buyer)
    assert len((await order.seen(order.buyer)).messages) == rules.AT_ONCE + 2


async def test_everybody_at_once_is_numbered_one_by_one(order: Order) -> None:
    await asyncio.gather(*(order.say(who) for who in [order.buyer, order.owner] * 5))
    seen = await order.seen(order.buyer)
    assert [m.number for m in seen.messages] == list(range(1, 11))


async def test_the_inbox_is_the_merchants_own_and_the_last_comes_first(order: Order) -> None:
    other = await placed(order.counter, number=2)
    await order.say(order.buyer)
    other.now = order.now
    await other.say(other.buyer)
    assert await order.inbox(order.owner) == [(order.id, 1)]
    assert await order.inbox(order.owner, merchant=order.merchant, unread=True) == [
        (order.id, 1)
    ]
    assert await order.inbox(order.buyer, mine=True) == [(order.id, 0)]
    assert [id_ for id_, _ in await order.inbox(STAFF)] == [other.id, order.id]
    with pytest.raises(NotYours):
        await order.inbox(other.owner, merchant=order.merchant)
    host = order.member(MerchantRole.HOST)
    with pytest.raises(NotAllowed):
        await order.inbox(host, merchant=order.merchant)
    async with order.db.begin() as tx:
        first = await queries.listed(tx, by=STAFF, limit=1)
        assert first.next is not None
        after = Cursor.decode(first.next.encode())
        second = await queries.listed(tx, by=STAFF, after=after, limit=1)
    assert [second.items[0].order, second.next] == [order.id, None]
    await order.read(order.owner, 1)
    assert await order.inbox(order.owner, unread=True) == []


class Outside:
    """What the product hands out: mail and frames."""

    def __init__(self, db: Database) -> None:
        self.db, self.mail, self.gateway = db, self, self
        self.public_url, self.settings = "https://shop", Settings(secret="x" * 40)  # type: ignore[arg-type]
        self.sent: list[tuple[str, str, str]] = []
        self.heard: list[tuple[list[str], dict[str, Any]]] = []

    async def send(self, to: str, _subject: str, text: str, *, key: str, now: datetime) -> None:
        self.sent.append((to, text, key))

    async def broadcast(self, channels: list[str], frame: dict[str, Any], **_: Any) -> None:
        self.heard.append((channels, frame))


async def test_sides_are_told_and_written_to_once_until_they_look(order: Order) -> None:
    async with order.db.begin() as tx:
        helper = await people.add_person(
            tx, email="h@x.org", name="H", locale="en", password_hash=None, now=order.now
        )
        await people.enrol(tx, order.merchant, helper, MerchantRole.ASSISTANT)
    r: Any = Outside(order.db)
    await order.say(order.buyer, "a secret question")
    await order.say(order.buyer)
    await order.say(order.owner, "a secret answer")
    for event in await order.told():
        await jobs.tell_sides(r, event, now=order.now)
        await jobs.send_notice(r, event, now=order.now)
    assert [to for to, _, _ in r.sent] == ["m@example.com", "anna@example.com"]
    assert "https://shop/orders/" in r.sent[0][1]
    assert "https://shop/receipt#chk_" in r.sent[1][1]
    assert "secret" not in str(r.sent) + str(await order.counter.told("%"))
    assert [channels for channels, _ in r.heard] == [[f"#{order.buyer.id}", f"#{helper}"]] * 3
    assert r.heard[0][1] == {
        "t": "message",
        "order": order.id,
        "merchant": order.merchant,
        "number": 1,
        "side": "buyer",
    }
