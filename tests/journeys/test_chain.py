"""The business of the centre, from the studio slot to customs and the replay.

Given a centre with studios and merchants, when its people do their work through HTTP, the
room's socket (with the official SDK) and RTMP (with ffmpeg), then every joint holds.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from livecommerce.demo.client import Browser
from livecommerce.kernel.clock import utcnow
from livecommerce.outside.customs.ceb.document import parse
from livecommerce.outside.customs.ceb.schema import faults
from streams.media.encoder import Encoder, Picture
from streams.media.ffmpeg import Ffmpeg
from tests import media_tools, people
from tests.people import Centre, Show

TINY = Picture(180, 320, 10, 200, test_card=True)
SET = {"303", "403", "505", "603"}


@pytest.fixture(scope="session")
def ffmpeg() -> Ffmpeg:
    """The encoder; without a media server these journeys are skipped."""
    return media_tools.found().ffmpeg


@asynccontextmanager
async def publishing(ffmpeg: Ffmpeg, url: str) -> AsyncIterator[Encoder]:
    """An encoder at work for the length of the block."""
    encoder = Encoder(ffmpeg, url, TINY)
    task = asyncio.create_task(encoder.publish())
    try:
        yield encoder
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def refused(ffmpeg: Ffmpeg, url: str) -> bool:
    """Whether an encoder is turned away there."""
    return await asyncio.wait_for(Encoder(ffmpeg, url, TINY).publish(3), 30) != 0


async def until_state(host: Browser, live: str, wanted: str, within: float = 20.0) -> None:
    async def look() -> bool:
        return bool((await host.get(f"/v1/live/{live}"))["state"] == wanted)

    await people.eventually(look, within=within, what=f"the session is {wanted}")


async def test_a_slot_is_taken_whole_or_refused_with_a_way_out(centre: Centre) -> None:
    tomorrow = utcnow() + timedelta(days=1)
    async with (
        centre.person("host") as host,
        centre.person("rival-host") as rival,
        centre.person("scheduler") as staff,
    ):
        # When a merchant asks for a studio with equipment and crew, then all of it is theirs.
        extras = {"equipment": centre.seeded.equipment, "crew": centre.seeded.crew}
        booking = await people.book(host, centre, at=tomorrow, **extras)
        kinds = [taken["kind"] for taken in booking["resources"]]
        assert sorted(kinds) == sorted(["studio"] + ["equipment"] * 3 + ["crew"] * 2)

        # And a rival who wants the same hears what is in the way and what is free instead.
        studio = booking["studio"]
        want = {
            "merchant": centre.seeded.rival,
            "studio": studio,
            "starts_at": booking["starts_at"],
            "ends_at": booking["ends_at"],
        }
        told = await rival.post("/v1/bookings", want, expect=409)
        assert told["type"] == "/problems/slot-taken"
        assert studio in str(told["blockers"])
        assert told["alternatives"]

        # And the staff's roster shows it, while the rival sees only that it is taken.
        day = centre.seeded.day(tomorrow)
        seen = _roster(await staff.get(f"/v1/roster?day={day}"), studio)
        assert booking["id"] in {entry["booking"] for entry in seen}
        hidden = _roster(await rival.get(f"/v1/roster?day={day}"), studio)
        assert len(hidden) == len(seen)
        assert booking["id"] not in {entry["booking"] for entry in hidden}


def _roster(told: dict[str, Any], resource: str) -> list[dict[str, Any]]:
    return next(row["taken"] for row in told["rows"] if row["resource"]["id"] == resource)


async def test_nothing_goes_on_air_before_every_light_is_green(centre: Centre) -> None:
    async with centre.person("host") as host, centre.person("rival-host") as rival:
        # Given a session in a slot of the day after tomorrow, with an empty shelf
        later = utcnow() + timedelta(days=2)
        booking = await people.book(host, centre, at=later)
        title = {"zh": "试播", "en": "Not yet"}
        want = {"booking": booking["id"], "title": title}
        live = (await host.post("/v1/live", want, expect=201))["id"]
        assert (await host.post("/v1/live", want, expect=409))["type"].endswith("live-exists")

        # When the host calls it ready, then the lights that are red say why not.
        told = await host.post(f"/v1/live/{live}/ready", expect=409)
        assert set(told["lights"].split(",")) >= {"shelf", "ingest", "time"}
        lights = await host.get(f"/v1/live/{live}/checklist")
        red = {light["key"]: light["reason"] for light in lights if not light["ok"]}
        assert red["time"] == "too-early"

        # When it gets an address and a key, then that key is for around the slot only.
        ingest = await host.post(f"/v1/live/{live}/ingest")
        assert ingest["valid_from"] < booking["starts_at"] < booking["ends_at"]
        assert booking["ends_at"] < ingest["valid_to"]
        assert (await host.get(f"/v1/live/{live}/ingest"))["key"] is None
        await rival.get(f"/v1/live/{live}/ingest", expect=404)


async def test_on_air_watched_explained_and_replayed(centre: Centre, ffmpeg: Ffmpeg) -> None:
    async with (
        centre.person("host") as host,
        centre.person("operator") as staff,
        centre.guest("zh-CN") as guest,
        centre.guest() as other,
    ):
        show = await people.prepare(host, centre, cards=2)
        await only_the_right_encoder_gets_in(centre, ffmpeg, host, show)
        async with (
            publishing(ffmpeg, show.key_url),
            people.watching(guest, show.live) as viewer,
            people.watching(other, show.live) as second,
        ):
            # Back on air: the room is told, and there is a picture.
            await viewer.until("room", "state", state="live", within=20)
            room = await guest.get(f"/v1/live/{show.live}/room")
            await the_picture_moves(guest, room)
            await a_room_is_alive(room, viewer, second)
            await an_explained_card_reaches_everyone(host, show, [viewer, second])
            await people.buy(guest, show)
            await asyncio.sleep(2)  # something to replay
            await host.post(f"/v1/live/{show.live}/end")
            await viewer.until("room", "state", state="ended")
        await the_replay_has_chapters_and_sells(guest, show)
        await the_chain_is_whole(staff, show)


async def only_the_right_encoder_gets_in(
    centre: Centre, ffmpeg: Ffmpeg, host: Browser, show: Show
) -> None:
    # Given a ready session: a wrong key is refused, and so is one whose slot is far.
    server = show.ingest["server"]
    assert await refused(ffmpeg, f"{server}/{show.live}?key={secrets.token_urlsafe(24)}")
    early = await people.prepare(
        host, centre, cards=1, ready=False, at=utcnow() + timedelta(days=3)
    )
    assert await refused(ffmpeg, early.key_url)
    # When the right one publishes, the session is live, and a second one is refused.
    async with publishing(ffmpeg, show.key_url):
        await until_state(host, show.live, "live")
        assert await refused(ffmpeg, show.key_url)
        assert (await host.get(f"/v1/live/{show.live}/ingest"))["state"] == "live"
    # When the encoder drops out, the session is interrupted, and never ended by that.
    await until_state(host, show.live, "interrupted")


async def the_picture_moves(guest: Browser, room: dict[str, Any]) -> None:
    async def playlist() -> list[str]:
        if await guest.status(room["video"]["hls"]) != 200:
            return []
        lines = (await guest.text(room["video"]["hls"])).splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    before = await people.eventually(playlist, within=20, what="a playlist")
    folder = room["video"]["hls"].rpartition("/")[0]
    assert await guest.status(f"{folder}/{before[-1]}") == 200

    async def more() -> bool:
        return (await playlist())[-1] != before[-1]

    await people.eventually(more, within=40, what="a newer segment")


async def a_room_is_alive(
    room: dict[str, Any], viewer: people.Watcher, second: people.Watcher
) -> None:
    # The seller can be identified; chat is heard by all; the viewers are counted honestly.
    seller = room["seller"]
    assert seller["legal_name"]["zh"]
    assert seller["uscc"]
    assert seller["contact"]
    await second.say("这款被子有几种尺寸？")
    heard = await viewer.until("room", "chat", text="这款被子有几种尺寸？")
    assert heard["badge"] is None
    await viewer.until("stats", "stats", viewers=2)


async def an_explained_card_reaches_everyone(
    host: Browser, show: Show, viewers: list[people.Watcher]
) -> None:
    card = show.cards[0]["id"]
    asked = time.monotonic()
    segment = await host.post(f"/v1/live/{show.live}/cards/{card}/explain")
    frames = await asyncio.gather(
        *(viewer.until("cards", "card", card=card, within=20) for viewer in viewers)
    )
    assert time.monotonic() - asked < 1.0
    assert {frame["segment"] for frame in frames} == {segment["id"]}
    since = {datetime.fromisoformat(frame["since"]) for frame in frames}
    assert since == {datetime.fromisoformat(segment["started_at"])}
    # Explaining it again changes nothing; the next card ends this one.
    again = await host.post(f"/v1/live/{show.live}/cards/{card}/explain")
    assert again["id"] == segment["id"]
    await asyncio.sleep(1)
    other = show.cards[1]["id"]
    await host.post(f"/v1/live/{show.live}/cards/{other}/explain")
    await viewers[0].until("cards", "card", card=other)


async def the_replay_has_chapters_and_sells(guest: Browser, show: Show) -> None:
    async def made() -> Any:
        return (await guest.get(f"/v1/live/{show.live}/room"))["replay"]

    replay = await people.eventually(made, within=60, what="a replay")
    first, then = replay["chapters"]
    assert [first["card"], then["card"]] == [card["id"] for card in show.cards]
    assert 0 <= first["start"] < first["end"] <= then["start"] < then["end"]
    assert then["end"] <= replay["duration"] + 0.5
    assert "#EXT-X-ENDLIST" in await guest.text(replay["hls"])
    assert await guest.status(replay["poster"]) == 200
    held = await people.claim(guest, show)
    await guest.delete(f"/v1/holds/{held[0]['id']}")


async def the_chain_is_whole(staff: Browser, show: Show) -> None:
    chain = await staff.get(f"/v1/live/{show.live}/chain")
    kinds = {node["kind"] for node in chain["nodes"]}
    assert kinds >= {"booking", "session", "explain", "order", "payment", "replay"}
    known = {node["id"] for node in chain["nodes"]}
    assert {show.booking, show.live} <= known
    assert all(a in known and b in known for a, b in chain["edges"])
    for node in chain["nodes"]:
        if node["href"]:
            page = node["href"].partition("#")[0]
            assert await staff.status(page) == 200, node["kind"]


async def test_a_guest_buys_and_the_room_sees_the_stock_fall(
    centre: Centre, show: Show
) -> None:
    async with centre.guest() as guest, people.watching(guest, show.live) as viewer:
        # Given a variant on the shelf, when it is claimed, then the room sees less of it.
        variant = show.variant()["id"]
        room = await guest.get(f"/v1/live/{show.live}/room?currency=EUR")
        left = room["stock"][variant]
        holds = await people.claim(guest, show, count=2)
        await _stock_in_room(viewer, variant, left - 2)

        # When it is quoted, the landed cost adds up and names its rules and its rate's day.
        quoted = await people.quote(guest, holds)
        parts = [quoted[name] for name in ("goods", "shipping", "duty", "tax", "fees")]
        assert sum(part["minor"] for part in parts if part) == quoted["total"]["minor"]
        assert quoted["total"]["currency"] == "EUR"
        charges = [charge for parcel in quoted["parcels"] for charge in parcel["charges"]]
        assert {charge["kind"] for charge in charges} >= {"goods", "shipping", "duty", "tax"}
        ruled = [charge for charge in charges if charge["kind"] in {"duty", "tax"}]
        assert all(charge["rule_id"] and charge["source"] for charge in ruled)
        assert {rate["on"] for rate in quoted["rates"]}

        # When it is placed, the buyer hears in private when they can pay, and pays.
        placed = await people.place(guest, quoted["id"])
        await viewer.told("payment", checkout=placed["id"], state="awaiting_payment")
        ready = await people.checkout_in(guest, placed["id"], "awaiting_payment")
        assert ready["total"] == quoted["total"]
        paid = await people.pay(guest, ready)
        await viewer.told("order", order=paid["orders"][0], state="paid")
        await _stock_in_room(viewer, variant, left - 2)


async def _stock_in_room(viewer: people.Watcher, variant: str, left: int) -> None:
    async def seen() -> bool:
        told = [f["left"][variant] for f in viewer.frames("stock", "stock") if f["left"]]
        return bool(told) and told[-1] == left

    await people.eventually(seen, what=f"the room sees {left}")


async def test_what_is_paid_is_in_the_books_and_frozen(centre: Centre) -> None:
    async with (
        centre.person("owner") as owner,
        centre.person("host") as host,
        centre.person("finance") as finance,
        centre.guest() as guest,
    ):
        # Given a paid order of a product
        product = await people.new_product(owner, centre, on_hand=5)
        show = await people.prepare(host, centre, products=[product["id"]], minutes=30)
        paid = await people.buy(guest, show)
        order = await guest.get(f"/v1/orders/{paid['orders'][0]}")
        assert order["state"] == "paid"

        # Then its postings sum to zero, and the parts of its price are all in them.
        postings = await finance.get(f"/v1/postings?source={order['id']}")
        assert postings
        for posting in postings:
            entries = [entry["amount"] for entry in posting["entries"]]
            assert sum(amount["minor"] for amount in entries) == 0
            assert {amount["currency"] for amount in entries} == {"EUR"}

        # When price and product change afterwards, then the order stays as it was ordered.
        card, variant = show.cards[0], show.variant()
        path = f"/v1/live/{show.live}/cards/{card['id']}"
        body = {"prices": {variant["id"]: variant["price"]["minor"] * 2}}
        assert await people.status(owner, "PATCH", path, json=body) == 200
        await owner.delete(f"/v1/products/{product['id']}")
        after = await guest.get(f"/v1/orders/{order['id']}")
        assert after == order
        line = after["lines"][0]
        assert line["snapshot"]["title"] == product["title"]
        assert after["quote"]["id"]
        assert all(rule["source"] for rule in after["rules"])
        await host.post(f"/v1/live/{show.live}/cancel")


async def test_a_parcel_is_declared_and_released(centre: Centre, show: Show) -> None:
    async with centre.guest() as guest, centre.person("assistant") as assistant:
        # Given a paid order, when its parcel is shipped
        paid = await people.buy(guest, show, count=2)
        bought = await assistant.get(f"/v1/orders/{paid['orders'][0]}")
        shipped = await people.ship(assistant, bought)

        # Then customs gets the whole set, each message valid, and releases the goods.
        path = f"/v1/declarations/{shipped['declaration']}"

        async def released() -> Any:
            told = await assistant.get(path)
            assert told["state"] != "rejected", told
            return told if told["state"] in {"released", "closed"} else None

        told = await people.eventually(released, within=45, what="released by customs")
        assert {message["kind"] for message in told["messages"]} >= SET
        for message in told["messages"]:
            assert faults(parse((await assistant.text(message["href"])).encode())) == []
        assert [d for d in told["differences"] if d["level"] != "warn"] == []
        assert told["inventory_number"]
        assert (await guest.get(f"/v1/orders/{bought['id']}"))["state"] == "shipped"
