"""The link in the receipt's mail: it reads one purchase, for a while, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from livecommerce.identity import tokens
from livecommerce.kernel.db import Database
from livecommerce.orders import letters
from livecommerce.orders.links import actions, letter, queries
from livecommerce.orders.links.errors import LinkNotGood
from livecommerce.orders.links.rules import GOOD_FOR, PURPOSE, SENT_AGAIN_AFTER
from livecommerce.orders.links.wire import OpenReceipt, ReceiptOut, SendReceipt
from livecommerce.orders.messages import actions as messages
from livecommerce.orders.messages.wire import WriteMessage
from tests import shop
from tests.purchases import Counter

SECRET = "a secret of at least thirty-two characters"
HOME = "https://shop.example"


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def purchase(counter: Counter, number: int = 1, *, paid: bool = True) -> str:
    product = await shop.open_shop(counter.db, now=counter.now, number=number)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    if paid:
        await counter.pay(checkout)
    return checkout


def token_of(checkout: str, now: datetime) -> str:
    link = letter.address(HOME, SECRET, checkout, now=now)
    home, _, token = link.partition("/receipt#")
    assert home == HOME
    return token


async def opened(counter: Counter, token: str, now: datetime) -> ReceiptOut:
    async with counter.db.begin() as tx:
        return await queries.receipt(tx, token, secret=SECRET, locale="en", now=now)


async def test_it_shows_the_orders_of_its_purchase_and_what_was_written(
    counter: Counter, now: datetime
) -> None:
    mine, other = await purchase(counter), await purchase(counter, 2)
    (order,) = await counter.orders(mine)
    async with counter.db.begin() as tx:
        owner, want = shop.owner(order.merchant), WriteMessage(text="Packed.")
        await messages.write(tx, order.id, want, by=owner, now=now)
    shown = await opened(counter, token_of(mine, now), now)
    assert [one.id for one in shown.orders] == [order.id]
    assert shown.orders[0].address is not None
    assert [m.text for m in shown.threads[0].messages] == ["Packed."]
    assert shown.good_until == now + GOOD_FOR
    assert "secret" not in shown.model_dump_json(), "not the key to pay"
    assert other not in shown.model_dump_json()
    last = now + GOOD_FOR - timedelta(seconds=1)
    assert (await opened(counter, token_of(mine, now), last)).checkout == mine


async def test_it_is_good_for_nothing_else(counter: Counter, now: datetime) -> None:
    mine, other = await purchase(counter), await purchase(counter, 2)
    token, later = token_of(mine, now), now + GOOD_FOR
    body, _, signature = token.rpartition(".")
    bad = [
        "",
        "..",
        token[:-1],
        token.replace(mine, other),
        f"{mine}.{int((later + GOOD_FOR).timestamp())}.{signature}",
        tokens.sign_link(SECRET, "unsubscribe", mine, until=later),
        tokens.sign_link("another secret " * 3, PURPOSE, mine, until=later),
        tokens.sign_link(SECRET, PURPOSE, "chk_unknown", until=later),
        tokens.sign_guest(SECRET, "gst_1", now=now),
        tokens.issue(SECRET, "usr_1", "Anna", now),
        f"{body}.é",
    ]
    for each in bad:
        with pytest.raises(LinkNotGood):
            await opened(counter, each, now)
    with pytest.raises(LinkNotGood):
        await opened(counter, token, later)
    # Nor is it anything where people sign in, or enter rooms.
    assert tokens.read_guest(SECRET, token, now=now) is None
    with pytest.raises(tokens.BadToken):
        tokens.read(SECRET, token, now)
    assert "signature" not in repr(OpenReceipt(token=f"{body}.signature"))


async def sent(counter: Counter, order: str, email: str, now: datetime) -> list[Any]:
    async with counter.db.begin() as tx:
        await actions.send_again(tx, SendReceipt(order=order, email=email), now=now)
    return await counter.told("orders.links.LinkWanted")


async def test_it_is_sent_again_to_its_own_mailbox_and_not_too_often(
    counter: Counter, now: datetime
) -> None:
    mine, open_ = await purchase(counter), await purchase(counter, 2, paid=False)
    (order,), (unpaid,) = await counter.orders(mine), await counter.orders(open_)
    assert await sent(counter, order.id, "somebody@example.com", now) == []
    assert await sent(counter, "ord_unknown", "anna@example.com", now) == []
    assert await sent(counter, unpaid.id, "anna@example.com", now) == []
    assert len(await sent(counter, order.id, "Anna@Example.com", now)) == 1
    assert len(await sent(counter, order.id, "anna@example.com", now)) == 1, "just sent"
    later = now + SENT_AGAIN_AFTER
    told = await sent(counter, order.id, "anna@example.com", later)
    assert [one["checkout"] for one in told] == [mine, mine]


async def test_the_receipt_carries_it(counter: Counter, now: datetime) -> None:
    mine = await purchase(counter)
    link = letter.address(HOME, SECRET, mine, now=now)
    written = letters.receipt(
        await counter.checkout(mine), await counter.orders(mine), home=HOME, link=link
    )
    assert link in written.text
    assert link in letters.link(mine, link).text
