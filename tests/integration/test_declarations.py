"""A declaration's life against the stand-in for customs, over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import DBAPIError

from livecommerce.crossborder import actions, answers, jobs, queries
from livecommerce.crossborder.errors import UnreadableReceipt, WrongDeclarationState
from livecommerce.crossborder.events import (
    DeclarationMatched,
    PapersAccepted,
    WithdrawalWanted,
)
from livecommerce.crossborder.facts import ConsignmentFacts
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import DeclarationOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Relay
from livecommerce.kernel.wake import Wake
from livecommerce.outside.customs.client import HttpExchange
from livecommerce.outside.customs.exchange import CustomsUnreachable
from livecommerce.outside.customs.peer import build_customs_peer
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from tests.customs import DESK, NOW, blanket, consignment, duvet_cover

JOBS = {
    DeclarationMatched: [jobs.file],
    PapersAccepted: [jobs.file],
    WithdrawalWanted: [jobs.file],
}


@dataclass
class Customs:
    """Our side and theirs, with one clock between them that tests move by hand."""

    r: Resources
    url: str
    moment: datetime = NOW
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        self.relay = Relay(self.r.db, {}, JOBS, self.r)

    async def switch(self, **switches: Any) -> None:
        async with self.r.http.put(f"{self.url}/switches", json=switches) as answer:
            assert answer.status == 200, await answer.text()

    async def state(self) -> list[dict[str, Any]]:
        async with self.r.http.get(f"{self.url}/state") as answer:
            return list(await answer.json())

    async def open(self, facts: ConsignmentFacts) -> DeclarationOut:
        async with self.r.db.begin() as tx:
            return await actions.open_declaration(
                tx, facts, desk=DESK, rates=Rates(), now=self.moment
            )

    async def resend(self, id_: str, facts: ConsignmentFacts | None = None) -> DeclarationOut:
        async with self.r.db.begin() as tx:
            return await actions.resend(tx, id_, facts=facts, rates=Rates(), now=self.moment)

    async def turn(self, seconds: float = 0) -> int:
        """Everything due is sent, everything answered is heard; how many answers were new."""
        self.moment += timedelta(seconds=seconds)
        await self.relay.drain(self.moment)
        heard = await jobs.poll(self.r, now=self.moment)
        await self.relay.drain(self.moment)
        return heard

    async def until_quiet(self, seconds: float = 1) -> None:
        quiet = 0
        while quiet < 2:
            quiet = 0 if await self.turn(seconds) else quiet + 1

    async def now(self, id_: str) -> DeclarationOut:
        async with self.r.db.begin() as tx:
            return await queries.declaration(tx, id_)

    async def topics(self) -> list[str]:
        async with self.r.db.begin() as tx:
            rows = await tx.execute(sa.text("SELECT topic FROM kernel.outbox ORDER BY id"))
            return [topic.rpartition(".")[2] for (topic,) in rows]


@pytest.fixture
async def customs(db: Database, postgres_url: str) -> AsyncIterator[Customs]:
    clock: list[Customs] = []
    server = TestServer(build_customs_peer(postgres_url, now=lambda: clock[0].moment))
    await server.start_server()
    async with ClientSession() as http:
        url = str(server.make_url("")).rstrip("/")
        r = Resources(
            settings=Settings(),
            db=db,
            http=http,
            wake=Wake(),
            gateway=None,
            payments=None,
            customs=HttpExchange(http, url),
            mail=None,
        )
        r.add(DESK)
        clock.append(Customs(r, url))
        yield clock[0]
    await server.close()


async def test_a_set_goes_from_matched_to_closed(customs: Customs) -> None:
    opened = await customs.open(consignment())
    assert (opened.state, opened.differences) == ("matched", [])
    assert [m.kind for m in opened.messages] == ["303", "403", "505", "603"]
    await customs.until_quiet()
    ended = await customs.now(opened.id)
    assert ended.state == "closed"
    assert {m.kind: m.status for m in ended.messages} == {
        "303": "120",
        "403": "120",
        "505": "399",
        "603": "899",
    }
    assert ended.inventory_number is not None
    assert ended.inventory_number.startswith("23022026E")
    topics = await customs.topics()
    assert [topics.count(t) for t in ("PapersAccepted", "DeclarationFiled")] == [1, 1]
    assert [topics.count(t) for t in ("DeclarationReleased", "DeclarationClosed")] == [1, 1]


async def test_the_inventory_waits_for_its_papers(customs: Customs) -> None:
    await customs.switch(step_s=10)
    opened = await customs.open(consignment())
    await customs.turn()
    assert [d["kind"] for d in await customs.state()] == ["505", "403", "303"]
    await customs.turn(10)
    assert len(await customs.state()) == 3
    await customs.turn(10)
    assert (await customs.state())[0]["kind"] == "603"
    assert (await customs.now(opened.id)).state == "sent"
    await customs.until_quiet(10)
    assert (await customs.now(opened.id)).state == "closed"


@pytest.mark.parametrize(
    "switches",
    [
        {"twice": True},
        {"backwards": True, "step_s": 5},
        {"backwards": True, "twice": True, "step_s": 1, "delay_s": 3},
        {"look": ["300", "500", "600"]},
    ],
)
async def test_answers_late_twice_and_backwards_end_alike(
    customs: Customs, switches: dict[str, Any]
) -> None:
    await customs.switch(**switches)
    opened = await customs.open(consignment())
    for _ in range(40):
        await customs.turn(2)
    ended = await customs.now(opened.id)
    assert ended.state == "closed"
    topics = await customs.topics()
    assert topics.count("PapersAccepted") == 1
    assert topics.count("DeclarationFiled") == 1


async def test_a_review_is_shown_and_ends_in_release(customs: Customs) -> None:
    await customs.switch(look=["300"], step_s=10)
    opened = await customs.open(consignment())
    seen = []
    for _ in range(12):
        await customs.turn(10)
        state = (await customs.now(opened.id)).state
        seen += [state] if state not in seen else []
    assert seen == ["sent", "accepted", "in_review", "released", "closed"]


async def test_a_rejected_order_is_corrected_and_sent_again(customs: Customs) -> None:
    await customs.switch(refuse={"303": "100"})
    opened = await customs.open(consignment())
    await customs.until_quiet()
    rejected = await customs.now(opened.id)
    assert rejected.state == "rejected"
    assert (rejected.messages[0].status, rejected.messages[0].info) == (
        "100",
        "海关退单",
    )
    first = {m.kind: m.guid for m in rejected.messages}

    again = await customs.resend(opened.id)
    assert again.attempt == 2
    second = {m.kind: m.guid for m in again.messages}
    assert {k for k in first if first[k] != second[k]} == {"303"}
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "closed"
    kinds = [d["kind"] for d in await customs.state()]
    assert sorted(kinds) == ["303", "303", "403", "505", "603"]


async def test_a_rejected_inventory_is_sent_again_under_its_number(customs: Customs) -> None:
    await customs.switch(refuse={"603": "-621003"})
    opened = await customs.open(consignment())
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "rejected"
    lines = [duvet_cover(name_zh="全棉被套"), blanket()]
    await customs.resend(opened.id, consignment(lines=lines))
    await customs.until_quiet()
    ended = await customs.now(opened.id)
    assert ended.state == "closed"
    sent = [d for d in await customs.state() if d["kind"] == "603"]
    assert len(sent) == 2
    assert sent[0]["business_key"] == sent[1]["business_key"]
    # The order changed too, and customs knew it: it went again as a change.
    async with customs.r.db.begin() as tx:
        rows = await tx.execute(
            sa.text(
                "SELECT app_type FROM commerce.declaration_message"
                " WHERE kind = '303' ORDER BY attempt"
            )
        )
        assert [row.app_type for row in rows] == ["1", "2"]


async def test_a_late_answer_about_the_first_sending_undoes_nothing(customs: Customs) -> None:
    await customs.switch(refuse={"303": "100"})
    opened = await customs.open(consignment())
    await customs.until_quiet()
    async with customs.r.db.begin() as tx:
        raw = await tx.scalar(
            sa.text(
                "SELECT document FROM customs.letter WHERE root = 'CEB304Message'"
                " AND status = '100'"
            )
        )
    await customs.resend(opened.id)
    await customs.until_quiet()
    async with customs.r.db.begin() as tx:
        late = raw.replace(b"returnInfo>", b"returnInfo> ").replace(b"100<", b"-301013<")
        assert await answers.hear(tx, late, now=customs.moment) == 1
    assert (await customs.now(opened.id)).state == "closed"


async def test_a_document_customs_cannot_read_is_rejected(customs: Customs) -> None:
    """Our own check stands in the way, so the fault is made behind its back."""
    opened = await customs.open(consignment())
    async with customs.r.db.begin() as tx:
        await tx.execute(
            sa.text(
                "UPDATE commerce.declaration_message SET xml ="
                " replace(xml, '<ceb:orderType>E</ceb:orderType>', '') WHERE kind = '303'"
            )
        )
    await customs.until_quiet()
    rejected = await customs.now(opened.id)
    assert rejected.state == "rejected"
    assert rejected.messages[0].status == "0002"
    assert "orderType" in (rejected.messages[0].info or "")


async def test_what_does_not_match_is_not_sent(customs: Customs) -> None:
    opened = await customs.open(consignment(charged=Money(20000, "EUR")))
    assert opened.state == "draft"
    assert [(d.rule, d.level) for d in opened.differences] == [("M5", "block")]
    await customs.until_quiet()
    assert await customs.state() == []
    corrected = await customs.resend(opened.id, consignment())
    assert corrected.state == "matched"
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "closed"


async def test_opening_again_gives_the_same_declaration(customs: Customs) -> None:
    first = await customs.open(consignment())
    again = await customs.open(consignment(destination="FR"))
    assert again.id == first.id
    assert (await customs.topics()).count("DeclarationMatched") == 1


async def test_a_waybill_number_is_used_once_in_six_months(customs: Customs) -> None:
    await customs.open(consignment())
    second = await customs.open(consignment(consignment="cns_second"))
    assert [d.rule for d in second.differences] == ["M9"]
    customs.moment += timedelta(days=200)
    later = await customs.open(
        consignment(consignment="cns_third"),
    )
    assert "M9" not in [d.rule for d in later.differences]


async def test_a_dead_exchange_is_asked_again(customs: Customs) -> None:
    opened = await customs.open(consignment())
    working = customs.r.customs
    customs.r.customs = HttpExchange(customs.r.http, "http://127.0.0.1:9")
    await customs.relay.drain(customs.moment)
    assert (await customs.now(opened.id)).state == "matched"
    with pytest.raises(CustomsUnreachable):
        await jobs.poll(customs.r, now=customs.moment)
    customs.r.customs = working
    customs.moment += timedelta(minutes=5)
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "closed"


async def test_a_crash_after_handing_in_sends_no_second_document(customs: Customs) -> None:
    opened = await customs.open(consignment())
    await customs.relay.drain(customs.moment)
    async with customs.r.db.begin() as tx:
        await tx.execute(
            sa.text(
                "UPDATE commerce.declaration_message SET sent_at = NULL, state = 'matched'"
                " WHERE kind IN ('303', '403')"
            )
        )
    matched = DeclarationMatched(
        declaration=opened.id, consignment="", order="", merchant="", attempt=1
    )
    await jobs.file(customs.r, matched, now=customs.moment)
    assert len(await customs.state()) == 3
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "closed"


async def test_an_inventory_is_withdrawn_before_it_leaves(customs: Customs) -> None:
    await customs.switch(hold=True)
    opened = await customs.open(consignment())
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "accepted"
    async with customs.r.db.begin() as tx:
        await actions.withdraw(tx, opened.id, reason="买家取消", now=customs.moment)
    await customs.until_quiet()
    ended = await customs.now(opened.id)
    assert ended.state == "cancelled"
    assert ended.messages[-1].kind == "605"
    with pytest.raises(WrongDeclarationState):
        await customs.resend(opened.id)


async def test_answers_are_kept_as_they_came(customs: Customs) -> None:
    await customs.open(consignment())
    await customs.until_quiet()
    async with customs.r.db.begin() as tx:
        raw = await tx.scalar(sa.text("SELECT raw FROM commerce.customs_receipt LIMIT 1"))
    assert "returnStatus" in raw
    for forbidden in (
        "UPDATE commerce.customs_receipt SET status = '800'",
        "DELETE FROM commerce.customs_receipt",
    ):
        with pytest.raises(DBAPIError, match="kept as it came"):
            async with customs.r.db.begin() as tx:
                await tx.execute(sa.text(forbidden))


async def test_what_is_no_answer_is_refused(customs: Customs) -> None:
    for raw in (b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
        async with customs.r.db.begin() as tx:
            with pytest.raises(UnreadableReceipt):
                await answers.hear(tx, raw, now=NOW)


async def test_a_letter_nobody_can_read_is_kept_and_holds_up_nothing(
    customs: Customs,
) -> None:
    opened = await customs.open(consignment())
    await customs.relay.drain(customs.moment)
    async with customs.r.db.begin() as tx:
        await tx.execute(
            sa.text(
                "INSERT INTO customs.letter"
                " (owner, message_id, root, status, said_at, due_at, document)"
                " VALUES (:owner, 'x', 'x', 'x', :now, :now, :raw)"
            ),
            {"owner": DESK.dxp_id, "now": NOW - timedelta(days=1), "raw": b"\x00<a>"},
        )
    await customs.until_quiet()
    assert (await customs.now(opened.id)).state == "closed"
    async with customs.r.db.begin() as tx:
        (kept,) = await answers.unexplained(tx)
    assert (kept.root, kept.raw) == ("unread", "ADxhPg==")


async def test_the_page_escapes_what_it_shows(customs: Customs) -> None:
    await customs.open(consignment(tracking="<b>1</b>"))
    await customs.until_quiet()
    async with customs.r.http.get(f"{customs.url}/") as answer:
        text = await answer.text()
    assert "<b>1</b>" not in text
    assert "&lt;b&gt;1&lt;/b&gt;" in text
