"""What a quote says to the buyer: what is paid, what is not, how it was rounded."""

from decimal import Decimal

from livecommerce.crossborder import rulebook, tariff
from livecommerce.crossborder.quotes import DDP_TEXT, landed_cost
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Destination, Parcel, QuoteRequest, Terms
from livecommerce.kernel.money import Money
from tests.unit.test_landed_cost import TODAY, line, quote


def test_what_the_quote_leaves_out_is_said_where_it_says_paid() -> None:
    found = quote("US", line(Money(10000, "USD")))
    assert found.terms is Terms.DDP
    assert "NOT in the total: US state sales or use tax" in found.terms_text.en
    assert "未包含美国各州可能征收的销售税" in found.terms_text.zh
    assert quote("DE", line(Money(5000, "EUR"))).terms_text == DDP_TEXT


def test_a_line_rounded_with_its_neighbours_says_so() -> None:
    found = quote("US", line(Money(1699, "USD"), us_hts10="6302319040"))
    duties = [c for c in found.parcels[0].charges if c.kind == "duty"]
    exact = [Decimal(c.exact or "") for c in duties]
    assert exact == [Decimal("1.13833"), Decimal("1.27425"), Decimal("2.12375")]
    assert [c.amount.minor for c in duties] == [114, 128, 212]
    assert sum(c.amount.minor for c in duties) == round(sum(exact) * 100) == 454
    told = [c.note.en if c.note else "" for c in duties]
    assert "Exactly" not in told[0]
    assert "Exactly 1.27425" in told[1]
    assert "1.28" in told[1]


def test_the_buyer_reads_shipping_and_the_source_names_the_tariff() -> None:
    want = QuoteRequest(
        destination=Destination(country="DE"),
        currency="EUR",
        parcels=[Parcel(merchant="mer", lines=[line(Money(5000, "EUR"))])],
    )
    found = landed_cost(
        want,
        id_="qut",
        now=TODAY,
        rates=Rates().day(TODAY),
        book=rulebook.shipped(),
        tariff=tariff.shipped(),
    )
    (shipping,) = [c for c in found.parcels[0].charges if c.kind == "shipping"]
    assert (shipping.title.zh, shipping.title.en) == ("运费", "Shipping")
    assert "tariff" in shipping.source
    assert shipping.rule_id == tariff.shipped().id
