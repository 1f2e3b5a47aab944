"""The journey's paper work: a parcel is shipped, declared, and released by customs."""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from livecommerce.demo.client import Browser, Unexpected
from livecommerce.demo.report import Step
from livecommerce.demo.seed import SeededCentre
from livecommerce.outside.customs.ceb.document import parse
from livecommerce.outside.customs.ceb.schema import faults

PACKAGING_G = 350
SET = ("303", "403", "505", "603")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the papers are made out: the product, the centre, and a folder to keep copies."""

    url: str
    centre: SeededCentre
    folder: Path


async def declare(desk: Desk, order: str, step: Step) -> str:
    """Shipping makes the 9610 set; customs answers until the goods are released. Returns the
    declaration's id."""
    async with Browser(desk.url) as assistant:
        await assistant.sign_in(*desk.centre.login("assistant"))
        return await _declare(desk, order, assistant, step)


async def _declare(desk: Desk, order_id: str, assistant: Browser, step: Step) -> str:
    bought = await assistant.get(f"/v1/orders/{order_id}")
    weighs = sum(line["weight_g"] * line["count"] for line in bought["lines"]) + PACKAGING_G
    order = await assistant.post(
        f"/v1/orders/{order_id}/consignments",
        {"carrier": desk.centre.carrier, "tracking": s10_number(), "weight_g": weighs},
        expect=201,
        key=f"ship/{order_id}",
    )
    shipped = order["consignments"][0]
    declaration: str = shipped["declaration"]
    path = f"/v1/declarations/{declaration}"
    for _ in range(300):
        told = await assistant.get(path)
        if told["state"] in {"released", "closed"}:
            break
        must(told["state"] != "rejected", f"customs does not reject: {told['messages']}")
        await asyncio.sleep(0.1)
    wrong = told["state"], told["differences"]
    must(told["state"] in {"released", "closed"}, f"customs released it {wrong}")
    folder = desk.folder / "customs"
    for message in told["messages"]:
        xml = await assistant.text(message["href"])
        found = faults(parse(xml.encode()))
        must(not found, f"{message['kind']} is valid ({found})")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"CEB{message['kind']}.xml").write_text(xml)
    kinds = {message["kind"] for message in told["messages"]}
    must(kinds >= set(SET), f"the whole set was sent ({sorted(kinds)})")
    step.say(f"{shipped['id']} → {declaration}: {told['state']}, {told['inventory_number']}")
    step.say(f"messages in {folder}")
    return declaration


def must(holds: Any, what: str) -> None:
    """Raises Unexpected, saying what should have held, unless it does."""
    if not holds:
        raise Unexpected(what)


def s10_number() -> str:
    """A fresh S10 number with its check digit."""
    digits = [secrets.randbelow(10) for _ in range(8)]
    weighed = sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - weighed % 11, 11 - weighed % 11)
    return f"LX{''.join(map(str, digits))}{check}CN"


def keep(path: Path, value: Any) -> None:
    """Write it down for people to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
