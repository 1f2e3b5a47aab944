"""What a room hears while things sell: sold out, back again, new prices, a rush of sales."""

from datetime import datetime
from typing import Any

from livecommerce.kernel.db import Database
from livecommerce.live import actions
from livecommerce.live.board import Board
from tests.room_screens import Screen, set_up


async def test_sold_out_back_again_and_new_prices_are_told(db: Database, now: datetime) -> None:
    stage = await set_up(db, now)
    screen = await Screen.join(stage, "gst_viewer")
    variant = stage.products[0].variants[0]
    await stage.move_stock(0, -10)
    await stage.tell()
    await stage.r.part(Board).close()
    await screen.catch_up()
    assert screen.heard.count("soldout") == 1
    assert screen.state["stock"][variant.id] == 0
    await stage.move_stock(0, 7)
    await stage.tell()
    await stage.r.part(Board).close()
    await screen.catch_up()
    assert screen.heard.count("restock") == 1
    found = await stage.snapshot()
    assert found["stock"][variant.id] == 7 <= found["stock_low"]
    card = next(c for c in found["cards"] if c["product"] == stage.products[0].id)
    async with db.begin() as tx:
        await actions.price_card(
            tx, stage.live, card["id"], {variant.id: 123}, by=stage.host, now=stage.tick()
        )
    await stage.tell()
    await screen.catch_up()
    assert {"price", "shelf"} <= set(screen.heard)
    shown = next(c for c in screen.state["cards"] if c["id"] == card["id"])
    assert shown["prices"][variant.id] == {"minor": 123, "currency": "CNY"}


async def test_a_rush_of_sales_is_told_as_the_newest_and_a_number(
    db: Database, now: datetime
) -> None:
    stage = await set_up(db, now)
    screen = await Screen.join(stage, "gst_viewer")
    board = stage.r.part(Board)
    frames: list[dict[str, Any]] = []
    screen.hear = frames.append  # type: ignore[method-assign]
    await stage.sell()
    await board.close()
    for n in range(5):  # at once: nothing is awaited after the first
        sale = {"t": "sold", "variant": "var", "product": "prd", "count": 2, "name": "A***"}
        await board.sold(stage.live, sale, key=f"sold/{n}")
    await board.close()
    await screen.catch_up()
    sold = [frame for frame in frames if frame["t"] == "sold"]
    told = [(frame["name"], frame["count"], frame["more"]) for frame in sold]
    assert told == [("G***", 2, 0), ("A***", 2, 0), ("A***", 2, 6)]
