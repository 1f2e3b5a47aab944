"""What changes a cart. Whoever changes one has its row first, so that changes are one after
another, and a sign-in in between loses nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.wire import HoldOut
from livecommerce.identity import queries as people
from livecommerce.identity.rules import GUEST_FOR
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders.cart import queries, rules
from livecommerce.orders.cart.errors import (
    BeingBought,
    CartFull,
    NoSuchItem,
    NotInCart,
)
from livecommerce.orders.cart.events import CartChanged
from livecommerce.orders.cart.tables import Cart, CartItem
from livecommerce.orders.cart.wire import BuyLine, PutItem
from livecommerce.web.principal import Principal

_BOUGHT = (
    sa.text(
        "DELETE FROM commerce.cart_item WHERE owner = :owner AND buying = ANY(:keys)"
        " AND count <= buying_count"
    ),
    sa.text(
        "UPDATE commerce.cart_item SET count = count - buying_count, buying = NULL,"
        " buying_count = NULL, buying_until = NULL"
        " WHERE owner = :owner AND buying = ANY(:keys)"
    ),
)
_OLD_LINES = sa.text(
    "DELETE FROM commerce.cart_item i USING commerce.cart c WHERE c.owner = i.owner"
    " AND starts_with(c.owner, 'gst_') AND c.changed_at <= :oldest"
)
_OLD_CARTS = sa.text(
    "DELETE FROM commerce.cart c WHERE starts_with(c.owner, 'gst_') AND c.changed_at <= :oldest"
    " RETURNING c.owner"
)
_LEFT_ALONE = sa.text(
    "UPDATE commerce.cart_item SET buying = NULL, buying_count = NULL, buying_until = NULL"
    " WHERE owner = :owner AND buying = ANY(:keys)"
)


async def lock(tx: Tx, owner: str, *, now: datetime) -> int:
    """The cart is ours until the transaction ends; its new version."""
    made = insert(Cart).values(owner=owner, version=1, changed_at=now)
    newer = {"version": col(Cart.version) + 1, "changed_at": now}
    ours = made.on_conflict_do_update(index_elements=["owner"], set_=newer)
    return (await tx.execute(ours.returning(col(Cart.version)))).scalar_one()


async def put(
    tx: Tx, want: PutItem, *, by: Principal, merchant: str, price: Money, now: datetime
) -> str:
    """Have so many of it in the caller's cart; whose cart that is.

    Putting in the same twice is putting it in once. The price is remembered as seen. A guest
    who has signed in meanwhile finds it in their own cart: the guest's is locked first and
    asked about second, so either this goes along when they are merged, or we know whose it is.

    Raises:
        CartFull: there are as many lines as may be.
    """
    owner, version = by.id, await lock(tx, by.id, now=now)
    person = await people.person_of_guest(tx, by.id)
    if person is not None:
        owner, version = person, await lock(tx, person, now=now)
    there = await queries.items(tx, owner)
    new = (want.card, want.variant) not in {(row.card_id, row.variant_id) for row in there}
    if new and len(there) >= rules.MOST_LINES:
        raise CartFull(most=rules.MOST_LINES)
    values = {
        "id": ids.new("cit"),
        "owner": owner,
        "merchant_id": merchant,
        "live_id": want.live,
        "card_id": want.card,
        "variant_id": want.variant,
        "count": want.count,
        "seen_minor": price.minor,
        "currency": price.currency,
        "added_at": now,
    }
    seen = {"count": want.count, "seen_minor": price.minor, "currency": price.currency}
    line = (
        insert(CartItem)
        .values(values)
        .on_conflict_do_update(index_elements=["owner", "card_id", "variant_id"], set_=seen)
    )
    await tx.execute(line)
    await emit(tx, CartChanged(owner=owner, version=version, at=now))
    return owner


async def drop(tx: Tx, item: str, *, by: Principal, now: datetime) -> None:
    """Take a line out of the caller's cart.

    Raises:
        NoSuchItem: there is none with that id, or it is in somebody else's cart.
    """
    version = await lock(tx, by.id, now=now)
    own = (col(CartItem.id) == item) & (col(CartItem.owner) == by.id)
    gone = sa.delete(CartItem).where(own).returning(col(CartItem.id))
    if (await tx.execute(gone)).scalar_one_or_none() is None:
        raise NoSuchItem(item=item)
    await emit(tx, CartChanged(owner=by.id, version=version, at=now))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a purchase finds: what its own keys were given before, what another purchase, cut
    off in between, has set aside. With neither, the lines are taken."""

    before: Mapping[str, HoldOut] = field(default_factory=dict)
    elsewhere: Sequence[dict[str, str]] = ()


async def take(
    tx: Tx, lines: Mapping[str, BuyLine], beyond: str, *, by: Principal, now: datetime
) -> Taken:
    """Take the lines for one purchase, by their claims' keys, so that no other buys them too.

    What turns out to be set aside already leaves the cart. ``beyond`` is the key that a line
    more would have.

    Raises:
        NotInCart: some are not in the cart, or fewer.
        BeingBought: another purchase has some of them.
    """
    version = await lock(tx, by.id, now=now)
    changed = CartChanged(owner=by.id, version=version, at=now)
    before = await catalogue.holds_by_key(tx, [*lines, beyond])
    if before:
        await _bought(tx, by.id, list(before))
        await emit(tx, changed)
        return Taken(before=before)
    there = {(row.card_id, row.variant_id): row for row in await queries.items(tx, by.id)}
    found = [(key, line, there.get((line.card, line.variant))) for key, line in lines.items()]
    mine = [(key, line, row) for key, line, row in found if row and row.count >= line.count]
    if len(mine) < len(found):
        had = {key for key, _, _ in mine}
        raise NotInCart(lines=[named(line) for key, line, _ in found if key not in had])
    others = {row.buying: line for key, line, row in mine if row.buying not in {None, key}}
    if any(
        row.buying_until and row.buying_until > now for k, _, row in mine if row.buying != k
    ):
        raise BeingBought(lines=[named(line) for line in others.values()])
    done = await catalogue.holds_by_key(tx, [key for key in others if key])
    if done:
        await _bought(tx, by.id, list(done))
        await emit(tx, changed)
        return Taken(elsewhere=[named(others[key]) for key in done])
    for key, line, row in mine:
        row.buying, row.buying_count = key, line.count
        row.buying_until = now + rules.BUYING_FOR
    await tx.flush()
    return Taken()


async def bought(tx: Tx, keys: Sequence[str], *, by: Principal, now: datetime) -> None:
    """What was taken under these keys is set aside: it leaves the cart."""
    version = await lock(tx, by.id, now=now)
    await _bought(tx, by.id, keys)
    await emit(tx, CartChanged(owner=by.id, version=version, at=now))


async def forget_old(tx: Tx, *, now: datetime) -> int:
    """Drop the carts of guests whose cookie, were they to come back, is no longer good; how
    many."""
    oldest = {"oldest": now - GUEST_FOR}
    await tx.execute(_OLD_LINES, oldest)
    return len((await tx.execute(_OLD_CARTS, oldest)).all())


async def let_go(tx: Tx, keys: Sequence[str], *, by: Principal) -> None:
    """What was taken under these keys could not be had: it stays as it was."""
    await tx.execute(_LEFT_ALONE, {"owner": by.id, "keys": list(keys)})


def named(line: PutItem) -> dict[str, str]:
    """A line as problems name it."""
    return {"live": line.live, "card": line.card, "variant": line.variant}


async def _bought(tx: Tx, owner: str, keys: Sequence[str]) -> None:
    for statement in _BOUGHT:
        await tx.execute(statement, {"owner": owner, "keys": list(keys)})
