"""Quotes are stored whole, expire, and show when they were touched."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from livecommerce.crossborder import actions, queries
from livecommerce.crossborder.errors import (
    DestinationRefused,
    NoSuchQuote,
    NotShippedThere,
    QuoteAltered,
    QuoteExpired,
)
from livecommerce.crossborder.facts import NotServed
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Destination, Line, Parcel, QuoteOut, QuoteRequest
from livecommerce.identity import actions as people
from livecommerce.identity.tables import GuestMerge
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both
from tests.customs import DESK


def wanted() -> QuoteRequest:
    line = Line(
        reference="hld_1",
        variant="var_1",
        sku="DCS",
        product="prd_1",
        hs_code="6302319900",
        customs_description="Duvet cover set, woven, 100% cotton",
        count=1,
        unit_price=Money(59900, "CNY"),
        weight_g=1800,
    )
    return QuoteRequest(
        destination=Destination(country="DE", postcode="10115"),
        currency="EUR",
        parcels=[Parcel(merchant="mer_1", lines=[line])],
    )


@pytest.fixture
async def quoted(db: Database, now: datetime) -> QuoteOut:
    async with db.begin() as tx:
        rates = Rates(pinned=date(2026, 10, 30))
        return await actions.quote(tx, wanted(), buyer="gst_1", rates=rates, desk=DESK, now=now)


async def test_a_quote_comes_back_as_it_was_promised(db: Database, quoted: QuoteOut) -> None:
    async with db.begin() as tx:
        assert await queries.quote(tx, quoted.id, buyer="gst_1") == quoted
        row = (await tx.execute(sa.text("SELECT * FROM commerce.quote"))).one()
    assert (row.total_minor, row.currency) == (quoted.total.minor, "EUR")
    assert row.body["parcels"][0]["charges"][2]["rule_id"] == "eu-item-duty-2026"


async def test_somebody_elses_quote_is_not_there(db: Database, quoted: QuoteOut) -> None:
    async with db.begin() as tx:
        for id_, buyer in ((quoted.id, "gst_2"), ("qut_0", "gst_1")):
            with pytest.raises(NoSuchQuote):
                await queries.quote(tx, id_, buyer=buyer)


async def test_a_quote_is_good_for_a_quarter_of_an_hour(
    db: Database, quoted: QuoteOut, now: datetime
) -> None:
    async with db.begin() as tx:
        last = now + timedelta(minutes=15) - timedelta(seconds=1)
        assert await queries.valid_quote(tx, quoted.id, now=last) == quoted
        with pytest.raises(QuoteExpired):
            await queries.valid_quote(tx, quoted.id, now=now + timedelta(minutes=15))


async def test_a_quote_cannot_be_changed(db: Database, quoted: QuoteOut) -> None:
    with pytest.raises(DBAPIError, match="a quote never changes"):
        async with db.begin() as tx:
            await tx.execute(sa.text("UPDATE commerce.quote SET total_minor = 1"))


async def test_a_quote_changed_behind_the_guard_shows_it(
    db: Database, quoted: QuoteOut
) -> None:
    async with db.begin() as tx:
        await tx.execute(sa.text("ALTER TABLE commerce.quote DISABLE TRIGGER ALL"))
        await tx.execute(
            sa.text(
                "UPDATE commerce.quote SET body = jsonb_set(body, '{total,minor}', '1'::jsonb)"
            )
        )
    async with db.begin() as tx:
        with pytest.raises(QuoteAltered):
            await queries.quote(tx, quoted.id)


async def test_where_the_centre_ships_nothing_is_said_with_its_reason(
    db: Database, now: datetime
) -> None:
    want = wanted().model_copy(update={"destination": Destination(country="KP")})
    rates = Rates(pinned=date(2026, 10, 30))
    row = NotServed(
        country="KP",
        valid_from=now.date(),
        valid_to=now.date() + timedelta(days=30),
        reason=Both(zh="制裁", en="Sanctions"),
    )
    desk = DESK.model_copy(update={"not_served": [row]})
    async with db.begin() as tx:
        with pytest.raises(DestinationRefused) as refused:
            await actions.quote(tx, want, buyer="g", rates=rates, desk=desk, now=now)
        assert refused.value.facts["reason"] == {"zh": "制裁", "en": "Sanctions"}
        # before its first day, and after its last, which ends at midnight in Beijing
        for span in (timedelta(days=-1), timedelta(days=30, hours=6)):
            then = now + span
            assert await actions.quote(tx, want, buyer="g", rates=rates, desk=desk, now=then)


async def test_northern_ireland_is_told_how_it_is_addressed(
    db: Database, now: datetime
) -> None:
    want = wanted().model_copy(update={"destination": Destination(country="XI")})
    async with db.begin() as tx:
        with pytest.raises(NotShippedThere, match="GB with its BT postcode"):
            await actions.quote(tx, want, buyer="g", rates=Rates(), desk=DESK, now=now)


def test_the_demo_desk_names_where_it_ships_nothing() -> None:
    assert {row.country for row in DESK.not_served} >= {"KP"}


async def test_who_signs_in_keeps_what_they_were_promised(
    db: Database, now: datetime, quoted: QuoteOut
) -> None:
    async with db.begin() as tx:
        person = await people.add_person(
            tx, email="anna@x.org", name="Anna", locale="en", password_hash=None, now=now
        )
        tx.add(GuestMerge(guest_id="gst_1", person_id=person, merged_at=now))
    async with db.begin() as tx:
        assert await queries.valid_quote(tx, quoted.id, buyer=person, now=now) == quoted
        for other in ("gst_2", "usr_other"):
            with pytest.raises(NoSuchQuote):
                await queries.quote(tx, quoted.id, buyer=other)
