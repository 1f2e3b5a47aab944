"""What speaks for us in a dispute: every fact in its field, and nothing that is not known."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from livecommerce.kernel.money import Money
from livecommerce.orders import evidence
from livecommerce.orders.evidence import LONGEST, Said, Shown
from livecommerce.orders.rules import RefundState
from livecommerce.web.wire import Both

AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def bought(**more: Any) -> Any:
    where = SimpleNamespace(
        name="Anna Beispiel",
        line1="Lindenstr. 1",
        line2=None,
        city="Berlin",
        region=None,
        postcode="10969",
        country="DE",
    )
    known = {"id": "chk_1", "placed_at": AT, "total": Money(12_000, "EUR")}
    return SimpleNamespace(**known, email="anna@example.com", address=where, **more)


def order(*refunds: Any, shipped: bool) -> Any:
    page = SimpleNamespace(
        title=Both(zh="四件套", en="Bedding set"),
        description=Both(zh="棉", en="Long-staple cotton"),
        values={"size": Both(zh="大", en="King")},
        fibre=[{"fibre": "cotton", "percent": 100}],
        taken_at=AT,
    )
    line = SimpleNamespace(
        id="lin_1", count=2, sku="JM-1", snapshot=page, goods=Money(11_000, "EUR")
    )
    parcel = SimpleNamespace(
        carrier="YANWEN", tracking="YT1", shipped_at=AT, delivered_at=AT if shipped else None
    )
    seller = SimpleNamespace(legal_name=Both(zh="锦棉", en="Jinmian Co."))
    return SimpleNamespace(
        id="ord_1",
        seller=seller,
        total=Money(12_000, "EUR"),
        lines=[line],
        consignments=[parcel] if shipped else [],
        refunds=refunds,
    )


def test_everything_that_is_known_is_told_in_its_field() -> None:
    said = [Said(AT, "Is it 60s cotton?")]
    shown = [Shown("lin_1", AT, "https://live.example.com/live/liv_1")]
    told = evidence.of(bought(), [order(shipped=True)], said, shown, note="See the photo.")
    assert told["product_description"] == "2 x Bedding set (JM-1)"
    assert told["shipping_address"] == "Lindenstr. 1, 10969 Berlin, DE"
    assert told["shipping_date"] == "2026-11-23"
    assert told["shipping_tracking_number"] == "YT1"
    story = told["uncategorized_text"]
    assert story.startswith("See the photo.")
    for part in (
        "Long-staple cotton",
        "100 % cotton",
        "presented live at 2026-11-23 11:00 UTC, replay at https://live.example.com",
        "delivered 2026-11-23 11:00 UTC",
        "Is it 60s cotton?",
    ):
        assert part in story


def test_what_the_buyer_has_back_is_told_and_what_bounced_is_not() -> None:
    known = {"amount": Money(4_000, "EUR"), "settled_at": AT}
    by_card = SimpleNamespace(**known, state=RefundState.SETTLED, outside=None)
    by_bank = SimpleNamespace(**known, state=RefundState.SETTLED, outside="MT103 77")
    bounced = SimpleNamespace(**known, state=RefundState.FAILED, outside=None)
    order_ = order(by_card, by_bank, bounced, shipped=True)
    story = evidence.of(bought(), [order_], [], [], note="")["uncategorized_text"]
    given = [line for line in story.splitlines() if "given back" in line]
    on = "40.00 EUR given back on 2026-11-23 11:00 UTC"
    assert [line.removeprefix("- ") for line in given] == [
        on,
        f"{on} by bank transfer, reference MT103 77",
    ]


def test_what_was_never_sent_is_not_said_to_have_been() -> None:
    told = evidence.of(bought(), [order(shipped=False)], [], [], note="")
    assert not {name for name in told if name.startswith("shipping_")} - {"shipping_address"}
    assert "presented live" not in told["uncategorized_text"]


def test_a_talkative_buyer_does_not_burst_the_form() -> None:
    said = [Said(AT, "x" * 1000)] * 100
    told = evidence.of(bought(), [order(shipped=True)], said, [], note="")
    assert len(told["uncategorized_text"]) == LONGEST
