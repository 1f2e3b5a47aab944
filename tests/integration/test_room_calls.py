"""The room's door and its calls: who may enter, speak, react and keep order, asked by role."""

from typing import Any

import orjson
import pytest

from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import PriceNotPayable
from livecommerce.identity import actions as people
from livecommerce.identity import tokens
from livecommerce.kernel import clock as kernel_clock
from livecommerce.kernel.db import Database
from livecommerce.live.calls import Calls
from livecommerce.live.claiming import Claiming
from livecommerce.live.counter import Counter
from livecommerce.live.door import RoomDoor
from livecommerce.live.errors import NotForYou, OverAlready
from livecommerce.live.jobs import rooms_of
from livecommerce.live.offers.errors import NotForTheTeam
from livecommerce.live.wire import ClaimItem
from livecommerce.web.principal import MerchantRole, StaffRole
from streams.chat import queries as chat_queries
from streams.chat.errors import NetworkMuted, NotForStaff, TooFast
from streams.realtime import codes
from streams.realtime.door import ConnectWant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.sessions import actions as sessions
from tests import room_offers, shop
from tests.room_screens import Stage, set_up

SECRET = "a secret of at least thirty-two characters"


class House:
    """A room with people at its door."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.claims = Claims(stage.db)
        let_in = stage.chat.restraints.let_in
        claiming = Claiming(Counter(stage.db), self.claims, most=3, let_in=let_in)
        self.door = RoomDoor(stage.db, SECRET, stage.chat, claiming)
        self.people: dict[str, str] = {"guest": "gst_01h455vb4pex5vsknk084sn02q"}

    async def add(self, name: str, *, member: MerchantRole | None = None, **more: Any) -> None:
        async with self.stage.db.begin() as tx:
            id_ = await people.add_person(
                tx,
                email=f"{name}@example.com",
                name=name,
                locale="en",
                password_hash=None,
                now=self.stage.now,
                **more,
            )
            if member is not None:
                merchant = self.stage.products[0].merchant
                await people.enrol(tx, merchant, id_, member)
        self.people[name] = id_

    def at(self, name: str, address: str = "192.0.2.7") -> Visitor:
        return Visitor(f"c-{name}", self.people[name], b"", address, {"name": name})

    async def call(self, who: str, method: str, **body: Any) -> Any:
        asked = orjson.dumps({"live": self.stage.live, **body})
        return await self.door.rpc(self.at(who), method, asked)

    async def hears(self, who: str, kind: str, after: str = "") -> int:
        """0, or the code with which it is refused."""
        try:
            channel = f"{kind}:{self.stage.live}{after}"
            await self.door.subscribe(self.at(who), channel, b"", "")
        except ClientError as refused:
            return refused.code
        return 0


@pytest.fixture
async def house(db: Database) -> House:
    house = House(await set_up(db, kernel_clock.utcnow()))
    await house.add("viewer")
    await house.add("mod", member=MerchantRole.MODERATOR)
    await house.add("money", member=MerchantRole.FINANCE)
    await house.add("operator", staff=[StaffRole.OPERATOR])
    return house


async def test_channels_by_role(house: House) -> None:
    heard = {
        who: [await house.hears(who, kind) for kind in ("room", "react", "mod")]
        + [await house.hears(who, "stats", "/team")]
        for who in house.people
    }
    assert heard == {
        "guest": [0, 0, 103, 103],
        "viewer": [0, 0, 103, 103],
        "mod": [0, 0, 0, 0],
        "money": [0, 0, 103, 0],
        "operator": [0, 0, 0, 0],
    }
    assert await house.hears("mod", "room", "/team") == 102
    assert await house.hears("mod", "stats", "/team/x") == 102


async def test_order_is_kept_by_those_who_may(house: House) -> None:
    spoken = await house.call("guest", "chat.say", text="hello")
    assert (spoken["text"], spoken["user"]) == ("hello", house.people["guest"])
    for who in ("guest", "viewer", "money"):
        for method, body in (
            ("chat.delete", {"id": spoken["id"]}),
            ("chat.approve", {"ids": [spoken["id"]]}),
            ("chat.mute", {"user": house.people["viewer"]}),
            ("chat.unmute", {"user": house.people["viewer"]}),
        ):
            with pytest.raises(NotForYou):
                await house.call(who, method, **body)
    for who in ("mod", "money", "operator"):
        with pytest.raises(NotForStaff):
            await house.call("mod", "chat.mute", user=house.people[who])
    with pytest.raises(NotForYou):  # a merchant's own rooms only
        await house.call("mod", "chat.mute", user=house.people["viewer"], anywhere=True)
    with pytest.raises(ClientError):
        await house.call("mod", "chat.mute", user="x", minutes=0)
    await house.call("mod", "chat.delete", id=spoken["id"])


async def test_who_is_banned_hears_nothing_and_who_is_banned_anywhere_stays_outside(
    house: House,
) -> None:
    guest = house.people["guest"]
    await house.call("guest", "chat.say", text="spam")
    await house.call("mod", "chat.mute", user=guest, ban=True, minutes=60, address=True)
    assert await house.hears("guest", "room") == 103
    with pytest.raises(NotForYou):
        await house.call("guest", "react", n={"heart": 1})
    house.people["next"] = "gst_01h455vb4pex5vsknk084sn02z"
    with pytest.raises(NetworkMuted):
        await house.call("next", "chat.say", text="the same household")
    async with house.stage.db.begin() as tx:
        (row,) = await chat_queries.standing_mutes(tx, now=kernel_clock.utcnow())
    assert row.address is not None
    assert "192.0.2" not in row.address
    assert await house.call("mod", "chat.unmute", user=guest) == {"lifted": True}
    assert await house.hears("guest", "room") == 0
    viewer = house.people["viewer"]
    now = kernel_clock.utcnow()
    want = ConnectWant(tokens.issue(SECRET, viewer, "viewer", now), b"", {}, "", "")
    await house.door.connect(want)
    await house.call("operator", "chat.mute", user=viewer, ban=True, anywhere=True)
    with pytest.raises(Disconnect):
        await house.door.connect(want)


async def test_a_moderator_bans_from_all_rooms_of_the_merchant(house: House) -> None:
    guest, merchant = house.people["guest"], house.stage.products[0].merchant
    with pytest.raises(NotForYou):
        await house.call("viewer", "chat.mute", user=guest, ban=True, merchant=True)
    await house.call("mod", "chat.mute", user=guest, ban=True, merchant=True, minutes=None)
    now = kernel_clock.utcnow()
    assert house.stage.chat.barred("another", guest, owner=merchant, now=now)
    assert not house.stage.chat.barred("another", guest, owner="mer_other", now=now)
    assert await house.hears("guest", "room") == 103
    async with house.stage.db.begin() as tx:
        (row,) = await chat_queries.standing_mutes(tx, now=now, live="", owner=merchant)
        assert (row.live_id, row.owner) == (None, merchant)
    lives = {house.stage.live, "another"}
    assert await rooms_of(house.stage.db, merchant, lives) == {house.stage.live}
    assert await rooms_of(house.stage.db, "mer_other", lives) == set()
    assert await house.call("mod", "chat.unmute", user=guest) == {"lifted": False}
    assert await house.call("mod", "chat.unmute", user=guest, merchant=True) == {"lifted": True}
    assert await house.hears("guest", "room") == 0


async def test_hearts_are_counted_while_there_is_something_to_see(house: House) -> None:
    assert await house.call("guest", "react", n={"heart": 30}) == {"counted": 10}
    with pytest.raises(TooFast):
        await house.call("guest", "react", n={"heart": 1})
    async with house.stage.db.begin() as tx:
        await sessions.end(tx, house.stage.live, now=kernel_clock.utcnow())
    calls = Calls(house.stage.db, house.stage.chat, SECRET)
    for method, body in (("react", {"n": {"heart": 1}}), ("chat.say", {"text": "x"})):
        asked = orjson.dumps({"live": house.stage.live, **body})
        with pytest.raises(OverAlready):
            await calls.answer(house.at("viewer"), method, asked, now=kernel_clock.utcnow())


@pytest.mark.parametrize(
    ("wish", "from_there_too"),
    [
        ({}, True),  # ten minutes
        ({"minutes": 60}, True),
        ({"minutes": 61}, False),
        ({"minutes": None}, False),
        ({"minutes": 61, "address": True}, True),
        ({"address": False}, False),
        ({"merchant": True}, True),
        ({"ban": True}, True),
    ],
)
async def test_a_guest_who_is_muted_for_a_short_time_needs_more_than_a_new_cookie(
    house: House, wish: dict[str, Any], from_there_too: bool
) -> None:
    guest = house.people["guest"]
    house.people["cookie"] = "gst_01h455vb4pex5vsknk084sn02z"
    await house.call("guest", "chat.say", text="spam")
    told = await house.call("mod", "chat.mute", user=guest, **wish)
    assert told["network"] is from_there_too
    if from_there_too:
        with pytest.raises(NetworkMuted):
            await house.call("cookie", "chat.say", text="spam again")
    else:
        await house.call("cookie", "chat.say", text="spam again")
    await house.call("viewer", "chat.say", text="I have an account")  # of the same household


async def test_a_person_is_muted_without_the_household(house: House) -> None:
    await house.call("viewer", "chat.say", text="spam")
    told = await house.call("mod", "chat.mute", user=house.people["viewer"])
    assert told["network"] is False
    await house.call("guest", "chat.say", text="hello")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
    ],
)
async def test_a_household_has_one_mark(house: House, one: str, other: str, same: bool) -> None:
    calls = Calls(house.stage.db, house.stage.chat, SECRET)
    marks = [calls.whence(house.at("guest", address)).address for address in (one, other)]
    assert (marks[0] == marks[1]) is same
    for nobodys in ("unknown", "127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert calls.whence(house.at("guest", nobodys)).address == ""


async def test_a_claim_in_the_room_is_the_claim_over_http(house: House) -> None:
    stage, who = house.stage, house.people["guest"]
    card = (await stage.snapshot())["cards"][0]
    variant = card["variants"][0]["id"]
    item = {"card": card["id"], "variant": variant, "count": 2}
    async with house.claims.running():
        made = orjson.loads(await house.call("guest", "claim", key="one", items=[item]))
        again = orjson.loads(await house.call("guest", "claim", key="one", items=[item]))
        claiming = Claiming(Counter(stage.db), house.claims, most=3)
        over_http = await claiming.claim(
            stage.live, [ClaimItem(**item)], buyer=who, key="one", now=stage.now
        )
        more = orjson.loads(await house.call("guest", "claim", key="two", items=[item]))
        other = orjson.loads(
            await house.call("guest", "claim", key="one", items=[{**item, "count": 1}])
        )
    assert made == again == over_http.model_dump(mode="json")
    assert [(h["variant"], h["count"]) for h in made["holds"]] == [(variant, 2)]
    assert more == {
        "problem": {
            "type": "/problems/too-many",
            "title": "That is more than one buyer may have",
            "status": 409,
            "variant": variant,
            "most": 3,
        }
    }
    assert other["problem"]["type"] == "/problems/key-taken"
    assert [(hold.buyer, hold.count) for hold in await shop.holds_in(stage.db)] == [(who, 2)]


async def test_a_claim_in_the_room_says_what_is_wrong(house: House) -> None:
    stage = house.stage
    item = {"card": "crd_none", "variant": stage.products[0].variants[0].id, "count": 1}
    async with house.claims.running():
        told = orjson.loads(await house.call("guest", "claim", key="one", items=[item]))
    assert told["problem"]["type"] == "/problems/not-sold-here"
    for body in ({"items": [item]}, {"key": "", "items": [item]}, {"key": "k", "items": []}):
        with pytest.raises(ClientError):
            await house.call("guest", "claim", **body)


async def test_who_sells_here_takes_no_part_in_offers(house: House) -> None:
    for step in (room_offers.plan_coupon, room_offers.announce, room_offers.open_draw):
        await step(house.stage, "")
    offered = await room_offers.shown(house.stage)
    await house.stage.move_stock(0, -9)  # the auction has the last one
    card, variant = await room_offers.first_card(house.stage)
    asked: dict[str, dict[str, Any]] = {
        "coupon.take": {"coupon": offered.coupons[0].id},
        "auction.bid": {"auction": offered.auctions[0].id, "most": 5000},
        "draw.enter": {"draw": offered.draw.id if offered.draw else ""},
        "waitlist.join": {"card": card, "variant": variant},
    }
    for method, body in asked.items():
        for who in ("mod", "money", "operator"):
            with pytest.raises(NotForTheTeam):
                await house.call(who, method, **body)
        await house.call("viewer", method, **body)
    with pytest.raises(PriceNotPayable):
        await house.call("guest", "auction.bid", auction=offered.auctions[0].id, most=10**12)


NUL = "x\0"
WITH_NUL: list[tuple[str, dict[str, Any]]] = [
    ("coupon.take", {"coupon": NUL}),
    ("auction.bid", {"auction": NUL, "most": 1}),
    ("draw.enter", {"draw": NUL}),
    ("waitlist.join", {"card": NUL, "variant": "v"}),
    ("waitlist.leave", {"card": "c", "variant": NUL}),
    ("product.ask", {"card": NUL}),
    ("chat.say", {"text": NUL}),
    ("claim", {"key": NUL, "items": [{"card": "c", "variant": "v", "count": 1}]}),
    ("claim", {"key": "k", "items": [{"card": "c", "variant": NUL, "count": 1}]}),
    ("draw.enter", {"draw": "d", "live": NUL}),
]


@pytest.mark.parametrize(("method", "body"), WITH_NUL)
async def test_what_no_text_can_hold_is_a_bad_request(
    house: House, method: str, body: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        await house.call("guest", method, **body)
    assert refused.value.code == codes.BAD_REQUEST


@pytest.mark.parametrize("where", [{}, {"merchant": True}, {"anywhere": True}])
async def test_who_is_banned_takes_no_part_but_keeps_what_they_hold(
    house: House, where: dict[str, bool]
) -> None:
    for step in (room_offers.plan_coupon, room_offers.announce, room_offers.open_draw):
        await step(house.stage, "")
    offered = await room_offers.shown(house.stage)
    card, variant = await room_offers.first_card(house.stage)
    asked: dict[str, dict[str, Any]] = {
        "coupon.take": {"coupon": offered.coupons[0].id},
        "auction.bid": {"auction": offered.auctions[0].id, "most": 5000},
        "draw.enter": {"draw": offered.draw.id if offered.draw else ""},
        "waitlist.join": {"card": card, "variant": variant},
        "product.ask": {"card": card},
        "shop.follow": {},
    }
    item = {"card": card, "variant": variant, "count": 1}
    async with house.claims.running():
        assert "holds" in orjson.loads(
            await house.call("viewer", "claim", key="before", items=[item])
        )
        await house.call(
            "operator", "chat.mute", user=house.people["viewer"], ban=True, **where
        )
        for method, body in asked.items():
            with pytest.raises(NotForYou):
                await house.call("viewer", method, **body)
        for key in ("before", "after"):
            told = orjson.loads(await house.call("viewer", "claim", key=key, items=[item]))
            assert told["problem"]["type"] == "/problems/banned"
        assert "holds" in orjson.loads(
            await house.call("guest", "claim", key="mine", items=[item])
        )
    held = [hold.buyer for hold in await shop.holds_in(house.stage.db)]
    people = {house.people[who] for who in ("guest", "viewer")}
    assert sorted(buyer for buyer in held if buyer in people) == sorted(people)
