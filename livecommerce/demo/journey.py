"""The whole business once, headless, through public interfaces only: booked, prepared, on air,
watched, explained, bought, recorded, declared, replayed, seen whole.

Each step says what it did and raises what did not hold.
"""

import asyncio
import secrets
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from livecommerce.demo.air import Air, on_air, replayed
from livecommerce.demo.client import Browser, Unexpected, Viewer
from livecommerce.demo.papers import Desk, declare, keep, must
from livecommerce.demo.report import Report, Step
from livecommerce.demo.seed import SeededCentre
from livecommerce.demo.show import JOURNEY
from streams.media.ffmpeg import Ffmpeg

LASTS = timedelta(minutes=60)
ADDRESS = {
    "name": "Erika Mustermann",
    "line1": "Heidestraße 17",
    "city": "Köln",
    "postcode": "51147",
    "country": "DE",
    "phone": "+4922112345678",
}


@dataclass(slots=True)
class Journey:
    """What the steps hand on to each other."""

    url: str
    centre: SeededCentre
    folder: Path
    ffmpeg: Ffmpeg | None
    host: Browser
    rival: Browser
    staff: Browser
    guest: Browser
    now: datetime
    booking: str = ""
    live: str = ""
    cards: list[dict[str, Any]] = field(default_factory=list)
    ingest: dict[str, Any] = field(default_factory=dict)
    viewer: Viewer | None = None
    checkout: dict[str, Any] = field(default_factory=dict)
    order: str = ""
    declaration: str = ""

    @property
    def watching(self) -> Viewer:
        """The viewer who has joined."""
        assert self.viewer is not None
        return self.viewer


async def walk(
    url: str,
    centre: SeededCentre,
    folder: Path,
    *,
    ffmpeg: Ffmpeg | None,
    now: datetime,
    report: Report,
) -> bool:
    """Walk the journey; whether every step held.

    Args:
        folder: where the messages and the ledger are written.
        ffmpeg: none where there is no media server: the steps that need one are skipped.
    """
    async with AsyncExitStack() as stack:
        host, rival, staff, guest = [
            await stack.enter_async_context(Browser(url)) for _ in range(4)
        ]
        journey = Journey(url, centre, folder, ffmpeg, host, rival, staff, guest, now)
        try:
            await _steps(journey, report)
        except (Unexpected, TimeoutError, OSError, KeyError):
            return report.close()
        finally:
            if journey.viewer is not None:
                await journey.viewer.leave()
    return report.close()


async def _steps(j: Journey, report: Report) -> None:
    no_video = "no media server on this machine (nginx with libnginx-mod-rtmp, ffmpeg)"
    async with report.step(1, "Book a studio slot · 预订演播室") as step:
        await book(j, step)
    async with report.step(2, "Prepare the live session · 筹备场次") as step:
        await prepare(j, step)
    air: Air | None = None
    if j.ffmpeg is None:
        report.skip(3, "Go on air · 开播", no_video)
    else:
        async with report.step(3, "Go on air · 开播") as step:
            air = await on_air(j.ffmpeg, j.host, j.live, j.ingest, step)
    try:
        if air is None:
            report.skip(4, "Watch the video · 看画面", no_video)
        async with report.step(4, "Join the room · 进入直播间") as step:
            await join(j, step, video=air is not None)
        if air is None:
            report.skip(
                5,
                "Explain a card · 讲解商品",
                "a card is explained only while the session is on air",
            )
        else:
            async with report.step(5, "Explain a card · 讲解商品") as step:
                await explain(j, step)
        async with report.step(6, "Buy · 下单支付") as step:
            await buy(j, step)
        async with report.step(7, "Record · 记账") as step:
            await record(j, step)
        async with report.step(8, "Declare to customs · 报关") as step:
            j.declaration = await declare(Desk(j.url, j.centre, j.folder), j.order, step)
        if air is None:
            report.skip(9, "Replay · 回放", no_video)
        else:
            async with report.step(9, "Replay · 回放") as step:
                await replayed(air, j.host, j.guest, j.live, step)
    finally:
        if air is not None:
            await air.stop()
    async with report.step(10, "See it whole · 全链路") as step:
        await see_whole(j, step, video=air is not None)


async def book(j: Journey, step: Step) -> None:
    """A merchant takes a slot whole; a rival is refused with blockers and alternatives."""
    await j.host.sign_in(*j.centre.login("host"))
    await j.rival.sign_in(*j.centre.login("rival-host"))
    await j.staff.sign_in(*j.centre.login("admin"))
    want = {
        "merchant": j.centre.merchant,
        "studio": j.centre.studio,
        "starts_at": (j.now - timedelta(minutes=5)).isoformat(),
        "ends_at": (j.now - timedelta(minutes=5) + LASTS).isoformat(),
        "equipment": j.centre.equipment,
        "crew": j.centre.crew,
        "title": JOURNEY.model_dump(),
    }
    made = await _book_anywhere(j, want)
    j.booking = made["id"]
    names = ", ".join(resource["name"]["en"] for resource in made["resources"])
    step.say(f"{j.booking}: {names}")
    studio = next(r["id"] for r in made["resources"] if r["kind"] == "studio")
    refused = await j.rival.post(
        "/v1/bookings",
        {**want, "studio": studio, "merchant": j.centre.rival, "equipment": [], "crew": []},
        expect=409,
    )
    must(refused["blockers"], "the refusal names what is in the way")
    must(refused["alternatives"], "the refusal offers what is free")
    step.say(
        f"a rival is refused: {len(refused['blockers'])} blockers,"
        f" {len(refused['alternatives'])} alternatives"
    )
    roster = await j.staff.get(f"/v1/roster?day={j.centre.day(j.now)}")
    taken = {t["booking"] for row in roster["rows"] for t in row["taken"]}
    must(j.booking in taken, "staff see the booking on the roster")


async def _book_anywhere(j: Journey, want: dict[str, Any]) -> dict[str, Any]:
    """The wished studio, or any other that is free now: a demo may have run a minute ago."""
    studios = [r["id"] for r in await j.host.get("/v1/studios") if r["kind"] == "studio"]
    for studio in dict.fromkeys([want["studio"], *studios]):
        try:
            made: dict[str, Any] = await j.host.post(
                "/v1/bookings", {**want, "studio": studio}, expect=201
            )
            return made
        except Unexpected as refused:
            last = refused
    raise last


async def prepare(j: Journey, step: Step) -> None:
    """A session for the booking, a filled shelf, a stream key, all lights green."""
    title = {"zh": "秋冬家纺专场", "en": "Autumn bedding, live from Nantong"}
    live = await j.host.post(
        "/v1/live", {"booking": j.booking, "title": title}, expect=201, key=f"live/{j.booking}"
    )
    j.live = live["id"]
    products = (await j.host.get(f"/v1/products?merchant={j.centre.merchant}&limit=4"))["items"]
    for product in products:
        first = product["variants"][0]
        prices = {first["id"]: first["price"]["minor"] * 9 // 10}
        body = {"product": product["id"], "prices": prices}
        j.cards.append(await j.host.post(f"/v1/live/{j.live}/cards", body, expect=201))
    await j.rival.post(f"/v1/live/{j.live}/cards", {"product": products[0]["id"]}, expect=404)
    j.ingest = await j.host.post(f"/v1/live/{j.live}/ingest")
    lights = await j.host.get(f"/v1/live/{j.live}/checklist")
    red = [light["key"] for light in lights if not light["ok"]]
    must(not red, f"every light is green ({red})")
    ready = await j.host.post(f"/v1/live/{j.live}/ready")
    must(ready["state"] == "ready", "the session is ready")
    step.say(f"{j.live}: {len(j.cards)} cards, {len(lights)} lights green")
    step.say(f"stream key valid {j.ingest['valid_from']} – {j.ingest['valid_to']}")


async def join(j: Journey, step: Step, *, video: bool) -> None:
    """Guests join, chat, lose their connection and miss nothing."""
    room = await j.guest.get(f"/v1/live/{j.live}/room?currency=EUR")
    must(room["seller"]["uscc"], "the seller's identity is shown")
    j.viewer = Viewer(j.guest, j.live)
    names = [f"{kind}:{j.live}" for kind in ("room", "cards", "stock", "stats")]
    await j.viewer.join(*names)
    async with Browser(j.url, lang="zh-CN") as other:
        speaker = Viewer(other, j.live)
        await speaker.join(names[0])
        await speaker.rpc("chat.say", {"live": j.live, "text": "这款被子有几种尺寸？"})
        await j.viewer.until("chat", text="这款被子有几种尺寸？")
        await j.viewer.drop()
        await speaker.rpc("chat.say", {"live": j.live, "text": "said while you were away"})
        await j.viewer.join(*names[:3])
        await j.viewer.until("chat", text="said while you were away")
        offsets = j.viewer.offsets[names[0]]
        must(offsets == sorted(set(offsets)), "nothing came twice")
        must(
            offsets == list(range(offsets[0], offsets[-1] + 1)), "nothing is missing in between"
        )
        await speaker.leave()
    step.say(f"{room['me']['name']} joined, dropped and recovered offsets {offsets}")
    if video:
        playlist = await j.guest.text(room["video"]["hls"])
        segments = [line for line in playlist.splitlines() if line and line[0] != "#"]
        must(segments, "the playlist has segments")
        base = room["video"]["hls"].rpartition("/")[0]
        must(await j.guest.status(f"{base}/{segments[-1]}") == 200, "a segment is served")
        step.say(f"HLS: {len(segments)} segments in the playlist")


async def explain(j: Journey, step: Step) -> None:
    """A card is presented and its frame reaches the viewer within a second."""
    card = j.cards[0]["id"]
    asked = time.perf_counter()
    segment = await j.host.post(f"/v1/live/{j.live}/cards/{card}/explain")
    heard, _ = await j.watching.until("card", card=card, within=1.0)
    step.say(f"{segment['id']}: {card} reached the viewer after {(heard - asked) * 1e3:.0f} ms")


async def buy(j: Journey, step: Step) -> None:
    """Claim, quote, place, pay; the signed webhook marks it paid, and the room sees it."""
    card = j.cards[0]
    variant = next(v for v in card["variants"] if v["left"] > 3)
    key = secrets.token_hex(8)
    claims = f"/v1/live/{j.live}/claims"
    want = {"items": [{"card": card["id"], "variant": variant["id"], "count": 2}]}
    held = (await j.guest.post(claims, want, expect=201, key=key))["holds"]
    again = (await j.guest.post(claims, want, expect=201, key=key))["holds"]
    must(held == again, f"the same key gives the same hold ({held}, {again})")
    await j.watching.until("stock")
    step.say(f"{held[0]['id']}: 2 × {variant['sku']} at {_money(held[0]['price'])}")
    spare = (await j.guest.post(claims, want, expect=201, key=f"{key}-spare"))["holds"]
    await j.guest.delete(f"/v1/holds/{spare[0]['id']}")
    quote = await j.guest.post(
        "/v1/quotes",
        {
            "holds": [h["id"] for h in held],
            "destination": {"country": "DE", "postcode": ADDRESS["postcode"]},
            "currency": "EUR",
        },
        expect=201,
    )
    step.say(
        f"{quote['id']}: goods {_money(quote['goods'])}, shipping {_money(quote['shipping'])},"
        f" duty {_money(quote['duty'])}, tax {_money(quote['tax'])}"
        f" = {_money(quote['total'])}, {quote['terms']}"
    )
    placed = await j.guest.post(
        "/v1/checkouts",
        {"quote": quote["id"], "address": ADDRESS, "email": "erika@example.com"},
        expect=201,
        key=f"{key}-place",
    )
    open_ = await _checkout_in(j.guest, placed["id"], "awaiting_payment")
    await j.guest.pay_by_card(open_["payment"], "pm_card_visa")
    j.checkout = await _checkout_in(j.guest, placed["id"], "paid")
    j.order = j.checkout["orders"][0]
    step.say(f"{placed['id']} paid {_money(j.checkout['total'])}: {j.order}")
    wanted = variant["left"] - 2
    for _ in range(50):
        left = [f["left"].get(variant["id"]) for f in j.watching.heard("stock")]
        if left and left[-1] == wanted:
            break
        await asyncio.sleep(0.1)
    must(left[-1] == wanted, f"the room saw the stock fall to {wanted} (saw {left})")
    step.say(f"the room saw the stock fall: {variant['left']} → {left[-1]}")


async def _checkout_in(guest: Browser, checkout: str, wanted: str) -> dict[str, Any]:
    """The checkout, once it is in that state."""
    for _ in range(200):
        told: dict[str, Any] = await guest.get(f"/v1/checkouts/{checkout}")
        if told["state"] == wanted:
            return told
        await asyncio.sleep(0.1)
    raise Unexpected(f"the checkout is {told['state']}, not {wanted}")


async def record(j: Journey, step: Step) -> None:
    """The books balance, and the order is frozen with its quote, rules and product page."""
    order = await j.guest.get(f"/v1/orders/{j.order}")
    must(order["state"] == "paid", "the order is paid")
    must(order["quote"]["id"] and order["rules"], "quote and rules are frozen")
    must(order["lines"][0]["snapshot"]["title"]["zh"], "the product page is frozen")
    await j.rival.get(f"/v1/orders/{j.order}", expect=404)
    postings = await j.staff.get(f"/v1/postings?source={j.order}")
    must(postings, "the sale is in the books")
    for posting in postings:
        sums: dict[str, int] = {}
        for entry in posting["entries"]:
            amount = entry["amount"]
            sums[amount["currency"]] = sums.get(amount["currency"], 0) + amount["minor"]
        must(not any(sums.values()), f"{posting['kind']} sums to zero")
    step.say(f"{len(postings)} postings, each sums to zero; {len(order['rules'])} rules frozen")
    keep(j.folder / "ledger.json", postings)


async def see_whole(j: Journey, step: Step, *, video: bool) -> None:
    """Staff see the chain from booking to declaration on one page."""
    chain = await j.staff.get(f"/v1/live/{j.live}/chain")
    kinds = {node["kind"] for node in chain["nodes"]}
    wanted = {"booking", "session", "order", "payment", "declaration"}
    wanted |= {"explain", "replay"} if video else set()
    must(wanted <= kinds, f"the chain is whole ({sorted(kinds)})")
    known = {node["id"] for node in chain["nodes"]}
    must(all(a in known and b in known for a, b in chain["edges"]), "no loose ends")
    must({j.booking, j.live, j.order, j.declaration} <= known, "it is this chain")
    await j.rival.get(f"/v1/live/{j.live}/chain", expect=404)
    step.say(
        f"{len(chain['nodes'])} nodes, {len(chain['edges'])} links: {j.url}/live/{j.live}/chain"
    )
    keep(j.folder / "chain.json", chain)


def _money(money: dict[str, Any] | None) -> str:
    return "unpaid" if money is None else f"{money['minor'] / 100:.2f} {money['currency']}"
