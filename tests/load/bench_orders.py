"""Order lists at a million orders, through HTTP.

``make bench-orders`` or ``python -m tests.load.bench_orders [--orders 1000000] [--asked 60]``
prints a table and writes ``.data/bench/orders.json``. The loader makes the orders with their
checkouts and lines in the database itself (ten merchants of unequal size, two hundred live
sessions, states as they come about); holds are left out, since no list reads them. Then each
page is asked for again and again by a merchant's key and by a member of staff: the newest, one
far back, by state (a rare one, too), by live session, and what the order desk looks up.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce import migrations  # noqa: E402 -- the path comes first
from livecommerce.embedded.server import running_postgres  # noqa: E402
from livecommerce.identity import actions as people  # noqa: E402
from livecommerce.identity import tokens  # noqa: E402
from livecommerce.identity.tables import ApiKey  # noqa: E402
from livecommerce.kernel import ids  # noqa: E402
from livecommerce.kernel.clock import utcnow  # noqa: E402
from livecommerce.kernel.db import Database, open_database  # noqa: E402
from livecommerce.kernel.page import Cursor  # noqa: E402
from livecommerce.settlement.plans import stored  # noqa: E402
from livecommerce.settlement.rules import Terms  # noqa: E402
from tests import shop  # noqa: E402
from tests.load.bench_drop import Row, row, show, write  # noqa: E402
from tests.load.drop_server import serving  # noqa: E402

MERCHANTS, LIVES, BUYERS, SKUS = 10, 200, 100_000, 200
TARGET = 50.0
BIGGEST = "mer_00000000000000000000000000"

_BOTH = "jsonb_build_object('zh', '{zh}', 'en', '{en}')"
_TITLE = _BOTH.format(zh="全棉四件套", en="Cotton bedding set")
_NUMBERS = "generate_series(1, :orders) AS n"
_ID = "lpad(to_hex(n), 26, '0')"
_BUYER = f"'gst_' || lpad(to_hex(n % {BUYERS}), 26, '0')"
_LIVE = f"'liv_' || lpad(to_hex(n % {LIVES}), 26, '0')"
_PLACED = "cast(:now AS timestamptz) - (:orders - n) * interval '7 seconds'"
# Half of all orders are one merchant's; one in a thousand is cancelled, most are delivered.
_MERCHANT = (
    f"'mer_' || lpad(to_hex(CASE WHEN n % 2 = 0 THEN 0 ELSE n % {MERCHANTS} END), 26, '0')"
)
_STATE = (
    "CASE WHEN n % 1000 = 0 THEN 'cancelled' WHEN n > :orders - 5000 THEN 'paid'"
    " WHEN n > :orders - 20000 THEN 'shipped' ELSE 'delivered' END"
)
LOAD: Mapping[str, str] = {
    "checkouts": f"""
INSERT INTO commerce.checkout (id, buyer, quote_id, live_id, state, quote, total_minor,
  currency, address, email, pay_within_s, placed_at, look_at, paid_at)
SELECT 'chk_' || {_ID}, {_BUYER}, 'quo_' || {_ID}, {_LIVE}, 'paid', '{{}}', 19900, 'CNY',
  jsonb_build_object('name', 'Buyer ' || n, 'country', 'DE'),
  'buyer' || n || '@example.com', 600, {_PLACED}, {_PLACED}, {_PLACED}
FROM {_NUMBERS}""",
    "orders": f"""
INSERT INTO commerce."order" (id, checkout_id, merchant_id, buyer, live_id, state, currency,
  goods_minor, shipping_minor, duty_minor, tax_minor, fees_minor, total_minor, refunded_minor,
  commission_bps, commission, terms, country, rules, seller, placed_at, paid_at)
SELECT 'ord_' || {_ID}, 'chk_' || {_ID}, {_MERCHANT}, {_BUYER}, {_LIVE}, {_STATE}, 'CNY',
  19900, 0, 0, 0, 0, 19900, 0, 500, cast(:commission AS jsonb), 'DDP', 'DE', '[]',
  jsonb_build_object('id', {_MERCHANT}, 'name', {_BOTH.format(zh="锦棉家纺", en="Jinmian")}),
  {_PLACED}, {_PLACED}
FROM {_NUMBERS}""",
    "lines": f"""
INSERT INTO commerce.order_line (id, order_id, merchant_id, hold_id, product_id, variant_id,
  sku, count, weight_g, unit_price_minor, unit_price_currency, goods_minor, currency,
  snapshot, shipped, cancelled, returned, refunded, offers)
SELECT 'lin_' || {_ID}, 'ord_' || {_ID}, {_MERCHANT}, 'hld_' || {_ID}, 'prd_1', 'var_1',
  'JM-S' || n % {SKUS}, 1, 1800, 19900, 'CNY', 19900, 'CNY',
  jsonb_build_object('title', {_TITLE}, 'picture', '/media/duvet.webp'),
  1, 0, 0, 0, '[]'
FROM {_NUMBERS}""",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What the callers show."""

    merchant: str
    staff: str


async def load(db: Database, orders: int) -> None:
    """The orders, by statements that PostgreSQL runs alone. Foreign keys are not looked up
    one by one: the rows refer to what the same loader makes."""
    values = {"orders": orders, "now": utcnow()}
    commission = orjson.dumps(stored(Terms(bps=500))).decode()
    for what, statement in LOAD.items():
        began = time.perf_counter()
        async with db.begin() as tx:
            await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
            agreed = {"commission": commission} if what == "orders" else {}
            await tx.execute(sa.text(statement), values | agreed)
        print(f"{orders:,} {what}: {time.perf_counter() - began:.0f} s", flush=True)
    async with db.connection() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await free.execute(sa.text('VACUUM (ANALYZE) commerce."order", commerce.order_line'))


async def let_in(db: Database) -> Keys:
    """A key of the biggest merchant and one of the staff."""
    now, made = utcnow(), []
    async with db.begin() as tx:
        first = await shop.add_merchant(tx, now=now)
        rename = sa.text("UPDATE commerce.merchant SET id = :to WHERE id = :was")
        await tx.execute(rename, {"to": BIGGEST, "was": first})
        person = await people.add_person(
            tx, email="a@example.com", name="A", locale="en", password_hash=None, now=now
        )
        for merchant, scopes in ((BIGGEST, ["owner"]), (None, ["operator"])):
            key = tokens.KEY_PREFIX + tokens.fresh()
            row = ApiKey(
                id=ids.new("key"),
                name="bench",
                secret_hash=tokens.digest(key),
                ends_with=key[-4:],
                merchant_id=merchant,
                scopes=scopes,
                made_by=person,
                created_at=now,
            )
            tx.add(row)
            made.append(key)
    return Keys(*made)


def pages(orders: int) -> dict[str, tuple[str, str]]:
    """Who asks for what."""
    far = Cursor(utcnow() - orders * 0.9 * timedelta(seconds=7), "ord_").encode()
    live = f"liv_{'7a'.rjust(26, '0')}"
    some = orders // 2 & ~1  # an even one: the biggest merchant's
    order = f"ord_{some:026x}"
    return {
        "a merchant's newest": ("merchant", "/v1/orders"),
        "a merchant's, far back": ("merchant", f"/v1/orders?cursor={far}"),
        "a merchant's, paid": ("merchant", "/v1/orders?state=paid"),
        "a merchant's, cancelled (rare)": ("merchant", "/v1/orders?state=cancelled"),
        "a merchant's, refunded (none)": ("merchant", "/v1/orders?state=refunded"),
        "a merchant's, one live session": ("merchant", f"/v1/orders?live={live}"),
        "staff's newest": ("staff", "/v1/orders"),
        "staff's, far back": ("staff", f"/v1/orders?cursor={far}"),
        "staff's, cancelled (rare)": ("staff", "/v1/orders?state=cancelled"),
        "staff's, refunded (none)": ("staff", "/v1/orders?state=refunded"),
        "staff's, one live session": ("staff", f"/v1/orders?live={live}"),
        "staff's, one merchant": ("staff", f"/v1/orders?merchant={BIGGEST}"),
        "desk, a merchant's newest": ("merchant", "/v1/desk/orders"),
        "desk, to be shipped": ("merchant", "/v1/desk/orders?state=paid"),
        "desk, a country": ("merchant", "/v1/desk/orders?country=DE"),
        "desk, looked up: an order": ("merchant", f"/v1/desk/orders?q={order}"),
        "desk, looked up: an e-mail": (
            "merchant",
            f"/v1/desk/orders?q=buyer{some}@example.com",
        ),
        "desk, looked up: a name": ("merchant", f"/v1/desk/orders?q=Buyer%20{some}"),
        "desk, looked up: a SKU": ("merchant", "/v1/desk/orders?q=JM-S42"),
        "desk, looked up: nothing": ("merchant", "/v1/desk/orders?q=nowhere"),
        "desk, staff look up a SKU": ("staff", "/v1/desk/orders?q=JM-S42"),
        "desk, staff look up a name": ("staff", f"/v1/desk/orders?q=Buyer%20{some}"),
    }


async def ask(url: str, keys: Keys, orders: int, asked: int) -> list[Row]:
    """Each page so many times, one after the other, in turns."""
    took: dict[str, list[float]] = {name: [] for name in pages(orders)}
    sizes: dict[str, int] = {}
    async with aiohttp.ClientSession() as http:
        for turn in range(asked + 2):
            for name, (who, path) in pages(orders).items():
                headers = {"Authorization": f"Bearer {getattr(keys, who)}"}
                began = time.perf_counter()
                async with http.get(url + path, headers=headers) as answer:
                    found: Any = await answer.json()
                    assert answer.status == 200, found
                if turn >= 2:  # the first two warm connections and plans
                    took[name].append((time.perf_counter() - began) * 1000)
                sizes[name] = len(found["items"])
    rows = []
    for name, times in took.items():
        rows.append(row(f"{name}, {sizes[name]} rows", statistics.median(times), "ms"))
        slow = statistics.quantiles(times, n=20)[18]
        rows.append(row(f"{name}, p95", slow, "ms", most=TARGET))
    return rows


async def run(orders: int, asked: int) -> list[Row]:
    """Load, then ask."""
    folder = ROOT / ".data" / "bench" / "orders"
    shutil.rmtree(folder, ignore_errors=True)
    async with AsyncExitStack() as stack:
        options = {"max_wal_size": "4GB", "maintenance_work_mem": "256MB"}
        server = await stack.enter_async_context(
            running_postgres(folder, sync=False, options=options)
        )
        url = server.url("postgres")
        await migrations.migrate(url)
        db = open_database(url)
        stack.push_async_callback(db.close)
        await load(db, orders)
        keys = await let_in(db)
        port = await stack.enter_async_context(serving(url, tokens.fresh()))
        rows = await ask(f"http://127.0.0.1:{port}", keys, orders, asked)
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=60)
    args = parser.parse_args()
    rows = asyncio.run(run(args.orders, args.asked))
    print(f"{args.orders:,} orders")
    show(rows)
    write("orders", rows)
    return 0 if all(each["ok"] for each in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
