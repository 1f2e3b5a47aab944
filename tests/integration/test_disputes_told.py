"""Who reads by mail that a bank contests an order, that it has decided, and what is owed."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from livecommerce.identity import actions as identity
from livecommerce.kernel.db import Database
from livecommerce.orders import jobs
from livecommerce.orders.events import OrderDisputed
from livecommerce.web.principal import MerchantRole
from tests import shop
from tests.afterwards import paid_order
from tests.contested import contest, decide
from tests.purchases import Counter

SECRETS = ("anna", "beispiel", "lindenstr", "usr_", "card_", "4242", "secret", "pi_")


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


class Post:
    """Keeps what it is asked to send, once per key."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str, str]] = {}

    async def send(self, to: str, subject: str, text: str, *, key: str, **_: Any) -> None:
        self.sent.setdefault(key, (to, subject, text))


def resources(counter: Counter, post: Post) -> Any:
    return SimpleNamespace(
        db=counter.db,
        mail=post,
        public_url="https://shop.example",
        settings=SimpleNamespace(secret_key=lambda: "s" * 40),
    )


async def enrolled(counter: Counter, merchant: str, name: str, *roles: MerchantRole) -> str:
    async with counter.db.begin() as tx:
        person = await identity.add_person(
            tx,
            email=f"{name}@seller.example",
            name=name,
            locale="zh-CN",
            password_hash=None,
            now=counter.now,
        )
        for role in roles:
            await identity.enrol(tx, merchant, person, role)
    return person


@pytest.mark.parametrize("won", [False, True])
async def test_whoever_sees_the_merchants_money_reads_of_a_dispute_and_of_its_end(
    counter: Counter, won: bool
) -> None:
    order, _ = await paid_order(counter)
    await enrolled(counter, order.merchant, "both", MerchantRole.OWNER, MerchantRole.FINANCE)
    await enrolled(counter, order.merchant, "books", MerchantRole.FINANCE)
    await enrolled(counter, order.merchant, "host", MerchantRole.HOST, MerchantRole.ASSISTANT)
    async with counter.db.begin() as tx:
        other = await shop.add_merchant(tx, now=counter.now, number=2)
    await enrolled(counter, other, "stranger", MerchantRole.OWNER)
    await decide(counter, await contest(counter, order), won=won)
    facts = [
        OrderDisputed.model_validate(each)
        for each in await counter.told("orders.OrderDisputed")
    ]
    post = Post()
    for fact in (*facts, *facts):  # a job may run twice
        await jobs.write_of_dispute(resources(counter, post), fact, now=counter.now)
    ours = {"both@seller.example", "books@seller.example"}
    assert len(post.sent) == 4
    assert {to for to, _, _ in post.sent.values()} == ours
    opened, *_, closed = post.sent.values()
    for _, subject, text in (opened, closed):
        assert order.id in subject
        assert text.count(str(order.total)) == 2, "in both languages"
        assert f"https://shop.example/orders/{order.id}" in text
        assert f"https://shop.example/money/{order.merchant}" in text
        assert [word for word in SECRETS if word in text.lower()] == []
    assert "contests" in opened[2]
    assert "提出争议" in opened[2]
    assert ("for you" in closed[2], "for the buyer" in closed[2]) == (won, not won)
    assert ("争议不成立" in closed[2], "由贵司承担" in closed[2]) == (won, not won)
