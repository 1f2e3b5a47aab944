"""Landed cost: the golden cases, and every boundary a rule has."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from livecommerce.crossborder import rulebook, tariff
from livecommerce.crossborder.duty import Goods, Uncovered, charges
from livecommerce.crossborder.errors import NoRate, NotShippedThere
from livecommerce.crossborder.quotes import landed_cost
from livecommerce.crossborder.rates import DayRates, Rates
from livecommerce.crossborder.rulebook import Rule, Rulebook
from livecommerce.crossborder.wire import (
    Charge,
    Destination,
    Line,
    Parcel,
    QuoteOut,
    QuoteRequest,
    Terms,
)
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both

TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
NO_CONVERSION = DayRates(date(2026, 10, 30), {})


def line(price: Money, *, count: int = 1, reference: str = "hld_1", **more: Any) -> Line:
    return Line(
        **{
            "reference": reference,
            "variant": f"var_{reference}",
            "sku": "SKU",
            "product": "prd",
            "hs_code": "6302319900",
            "customs_description": "Duvet cover set, woven, 100% cotton",
            "count": count,
            "unit_price": price,
            "weight_g": 1000,
            **more,
        }
    )


def quote(
    country: str, *lines: Line, now: datetime = TODAY, freight: Money | None = None, **more: Any
) -> QuoteOut:
    currency = lines[0].unit_price.currency
    parcel = Parcel(
        merchant="mer",
        lines=list(lines),
        freight=freight or Money(0, currency),
        **{k: v for k, v in more.items() if k in {"channel", "discount"}},
    )
    want = QuoteRequest(
        destination=Destination(country=country, postcode=more.get("postcode")),
        currency=more.get("currency", currency),
        parcels=[parcel],
    )
    return landed_cost(
        want,
        id_="qut",
        now=now,
        rates=Rates(date(2026, 10, 30)).day(now),
        book=rulebook.shipped(),
        tariff=tariff.shipped(),
    )


def rules_of(found: QuoteOut) -> set[str]:
    return {c.rule_id for p in found.parcels for c in p.charges if c.kind in {"duty", "tax"}}


def row(**facts: Any) -> Rule:
    """A rule of a test's own."""
    return Rule.model_validate(
        {
            "kind": "duty",
            "layer": "duty",
            "valid_from": None,
            "title": Both(zh="税", en="Tax"),
            "source": "a test",
            "confidence": "sourced",
            **facts,
        }
    )


def worked_out(goods: Goods, *rules: Rule) -> list[Charge]:
    book = Rulebook(rules, {})
    found = charges(goods, on=date(2026, 11, 1), rates=NO_CONVERSION, book=book)
    return [c for c in found if isinstance(c, Charge)]


def test_golden_1_duty_on_goods_and_freight_then_vat_on_all() -> None:
    goods = Goods(
        country="NL",
        channel="commercial",
        currency="INR",
        lines=(line(Money(7_000_000, "INR")),),
        prices=(Money(7_000_000, "INR"),),
        freights=(Money(679_200, "INR"),),
    )
    duty, tax, fee = worked_out(
        goods,
        row(id="d", dest=["NL"], charge="percent", rate="0.08", base=["goods", "shipping"]),
        row(
            id="v",
            dest=["NL"],
            kind="tax",
            charge="percent",
            rate="0.21",
            base=["goods", "shipping", "duty"],
        ),
        row(id="f", dest=["NL"], kind="fee", charge="per_parcel", amount="1981.57 INR"),
    )
    assert duty.amount == Money(614_336, "INR")
    assert tax.base == Money(8_293_536, "INR")
    assert tax.amount == Money(1_741_643, "INR")
    assert duty.amount + tax.amount + fee.amount == Money(2_554_136, "INR")


def test_golden_2_layers_add_and_are_rounded_once() -> None:
    value = Money(1_417_200, "USD")
    goods = Goods(
        country="US",
        channel="commercial",
        currency="USD",
        lines=(line(value, hs_code="7326908688"),),
        prices=(value,),
        freights=(Money(0, "USD"),),
    )

    def layer(name: str, rate: str) -> Rule:
        return row(
            id=name, layer=name, dest=["US"], charge="percent", rate=rate, base=["goods"]
        )

    found = worked_out(
        goods,
        layer("301", "0.25"),
        layer("232", "0.50"),
        layer("mfn", "0.029"),
        row(id="no-vat", kind="tax", layer="vat", dest=["US"], charge="none"),
    )
    assert [c.amount.minor for c in found if c.kind == "duty"] == [354_300, 708_600, 41_099]
    assert Money.sum((c.amount for c in found), "USD") == Money(1_103_999, "USD")


SHIRTS = {"hs_code": "6109100000", "customs_description": "T-shirt, knitted, 100% cotton"}
WATCH = {"hs_code": "9102110000", "customs_description": "Wrist watch, electric"}


@pytest.mark.parametrize(
    ("lines", "euros"),
    [
        ([line(Money(1000, "EUR"), count=5, **SHIRTS)], 3),
        (
            [
                line(Money(1000, "EUR"), **SHIRTS),
                line(Money(1000, "EUR"), reference="hld_2", **WATCH),
            ],
            6,
        ),
        ([line(Money(5000, "EUR")), line(Money(6000, "EUR"), reference="hld_2")], 3),
        ([line(Money(5000, "EUR")), line(Money(6000, "EUR"), origin="TR", reference="h2")], 6),
    ],
    ids=["five equal shirts", "shirt and watch", "two of one kind", "same but other origin"],
)
def test_golden_3_three_euros_are_counted_by_declared_item(
    lines: list[Line], euros: int
) -> None:
    found = quote("DE", *lines)
    assert found.terms is Terms.DDP
    assert found.duty == Money(euros * 100, "EUR")


@pytest.mark.parametrize(
    ("country", "at", "above", "low", "high"),
    [
        ("DE", Money(15000, "EUR"), Money(15001, "EUR"), "eu-item-duty-2026", "eu-tariff"),
        ("GB", Money(13500, "GBP"), Money(13501, "GBP"), "gb-low-value-relief", "gb-tariff"),
        ("AU", Money(100000, "AUD"), Money(100001, "AUD"), "au-low-value-relief", "au-tariff"),
        (
            "JP",
            Money(10000, "JPY"),
            Money(10001, "JPY"),
            "jp-low-value-duty",
            "jp-simplified-tariff",
        ),
    ],
)
def test_golden_4_a_threshold_includes_its_amount(
    country: str, at: Money, above: Money, low: str, high: str
) -> None:
    assert low in rules_of(quote(country, line(at)))
    assert high in rules_of(quote(country, line(above)))


def test_a_discount_moves_an_order_below_the_threshold() -> None:
    goods = [line(Money(8000, "EUR")), line(Money(8000, "EUR"), reference="hld_2")]
    assert "eu-tariff" in rules_of(quote("DE", *goods))
    found = quote("DE", *goods, discount=Money(1001, "EUR"))
    assert "eu-item-duty-2026" in rules_of(found)
    prices = [c.amount.minor for c in found.parcels[0].charges if c.kind == "goods"]
    assert sorted(prices) == [7499, 7500]


def test_freight_does_not_count_for_the_european_threshold() -> None:
    found = quote("DE", line(Money(15000, "EUR")), freight=Money(9900, "EUR"))
    assert "eu-item-duty-2026" in rules_of(found)
    assert found.tax == Money(int((15000 + 9900 + 300) * Decimal("0.19")), "EUR")


def test_freight_counts_where_the_threshold_is_a_customs_value() -> None:
    assert "jp-low-value-duty" in rules_of(quote("JP", line(Money(9000, "JPY"))))
    with_freight = quote("JP", line(Money(9000, "JPY")), freight=Money(1001, "JPY"))
    assert "jp-simplified-tariff" in rules_of(with_freight)


@pytest.mark.parametrize(
    ("day", "rule", "duty"),
    [
        (datetime(2026, 6, 30, tzinfo=UTC), "eu-low-value-relief-2021", 0),
        (datetime(2026, 7, 1, tzinfo=UTC), "eu-item-duty-2026", 300),
        (datetime(2028, 6, 30, tzinfo=UTC), "eu-item-duty-2026", 300),
    ],
)
def test_the_european_relief_ends_and_the_item_duty_begins(
    day: datetime, rule: str, duty: int
) -> None:
    found = quote("DE", line(Money(9000, "EUR")), now=day)
    assert rule in rules_of(found)
    assert found.duty == Money(duty, "EUR")


def test_after_the_last_day_of_a_rule_nothing_is_promised() -> None:
    found = quote("DE", line(Money(9000, "EUR")), now=datetime(2028, 7, 1, tzinfo=UTC))
    assert (found.terms, found.duty, found.tax) == (Terms.DAP, None, None)


@pytest.mark.parametrize(
    ("day", "channel", "layers"),
    [
        (datetime(2026, 7, 23, tzinfo=UTC), "post", {"us-surcharge-122-2026"}),
        (
            datetime(2026, 7, 23, tzinfo=UTC),
            "commercial",
            {
                "us-surcharge-122-2026",
                "us-mfn-commercial-2026",
                "us-301-4a-commercial-2026",
            },
        ),
        (
            datetime(2026, 7, 24, tzinfo=UTC),
            "post",
            {"us-mfn-2026-07-24", "us-301-4a-2026-07-24", "us-301-forced-labour-2026"},
        ),
    ],
)
def test_american_post_paid_one_surcharge_until_it_paid_all(
    day: datetime, channel: str, layers: set[str]
) -> None:
    found = quote("US", line(Money(9000, "USD")), now=day, channel=channel)
    assert rules_of(found) - {"us-no-federal-vat"} == layers


def test_american_layers_are_shown_with_their_doubt() -> None:
    found = quote("US", line(Money(10000, "USD"), us_hts10="6302319040"))
    duties = {c.rule_id: c for c in found.parcels[0].charges if c.kind == "duty"}
    assert duties["us-mfn-2026-07-24"].rate == "0.067"
    assert duties["us-301-forced-labour-2026"].confidence == "unverified rate"
    assert found.duty == Money(2670, "USD")


def test_one_code_of_ours_is_several_of_theirs() -> None:
    napped = quote("US", line(Money(10000, "USD"), us_hts10="6302317020"))
    silent = quote("US", line(Money(10000, "USD")))
    assert napped.parcels[0].charges[2].rate == "0.038"
    assert silent.parcels[0].charges[2].rate == "0.067"
    assert silent.parcels[0].charges[2].note is not None
    foreign = quote("US", line(Money(10000, "USD"), us_hts10="9404409000"))
    assert foreign.terms is Terms.DAP


def test_france_adds_its_fee_by_item() -> None:
    found = quote("FR", line(Money(5000, "EUR")), line(Money(4000, "EUR"), reference="h2"))
    assert found.fees == Money(200, "EUR")
    assert quote("FR", line(Money(15001, "EUR"))).fees == Money(0, "EUR")


def test_britain_above_its_threshold_taxes_goods_freight_and_duty() -> None:
    found = quote("GB", line(Money(20000, "GBP")), freight=Money(1000, "GBP"))
    assert found.duty == Money(2520, "GBP")
    assert found.tax == Money(4704, "GBP")


@pytest.mark.parametrize(
    ("country", "postcode"),
    [("BR", None), ("CA", None), ("GB", "bt1 5gs"), ("FR", "97110"), ("DE", "27498")],
)
def test_elsewhere_duties_are_unpaid_and_said_so(country: str, postcode: str | None) -> None:
    found = quote(country, line(Money(5000, "EUR")), postcode=postcode)
    assert found.terms is Terms.DAP
    assert (found.duty, found.tax) == (None, None)
    assert "NOT" in found.terms_text.en
    assert "未包含" in found.terms_text.zh
    assert found.notices
    assert {c.kind for c in found.parcels[0].charges} == {"goods", "shipping"}


def test_goods_no_tariff_covers_are_not_free() -> None:
    found = quote("DE", line(Money(20000, "EUR"), hs_code="9999999999"))
    assert (found.terms, found.duty) == (Terms.DAP, None)
    book = rulebook.shipped()
    goods = Goods(
        country="DE",
        channel="commercial",
        currency="EUR",
        lines=(line(Money(20000, "EUR"), hs_code="9999999999"),),
        prices=(Money(20000, "EUR"),),
        freights=(Money(0, "EUR"),),
    )
    (missing,) = charges(goods, on=TODAY.date(), rates=NO_CONVERSION, book=book)
    assert isinstance(missing, Uncovered)
    assert missing.kind == "duty"


def test_a_relief_is_a_line_with_its_rule() -> None:
    found = quote("GB", line(Money(5000, "GBP")))
    (relief,) = [c for c in found.parcels[0].charges if c.kind == "duty"]
    assert (relief.amount.minor, relief.rule_id) == (0, "gb-low-value-relief")
    assert relief.source


def test_every_merchant_is_a_parcel_with_its_own_threshold() -> None:
    def parcel(name: str) -> Parcel:
        return Parcel(merchant=name, lines=[line(Money(10000, "EUR"), reference=name)])

    want = QuoteRequest(
        destination=Destination(country="DE"),
        currency="EUR",
        parcels=[parcel("mer_a"), parcel("mer_b")],
    )
    found = landed_cost(
        want,
        id_="qut",
        now=TODAY,
        rates=Rates().day(TODAY),
        book=rulebook.shipped(),
        tariff=tariff.shipped(),
    )
    assert rules_of(found) == {"eu-item-duty-2026", "de-vat-import-scheme"}
    assert found.duty == Money(600, "EUR")
    assert found.total == found.parcels[0].total + found.parcels[1].total


def test_a_country_nobody_knows_is_refused() -> None:
    with pytest.raises(NotShippedThere):
        quote("ZZ", line(Money(5000, "EUR")))


def test_rates_are_dated_and_named() -> None:
    found = quote("DE", line(Money(10000, "CNY")), currency="EUR")
    (used,) = found.rates
    assert (used.base, used.currency, used.on) == ("CNY", "EUR", date(2026, 10, 30))
    assert "European Central Bank" in used.source
    assert found.goods == Money.of(Decimal(100) * Decimal(used.rate), "EUR")


def test_a_currency_without_a_rate_is_a_problem() -> None:
    with pytest.raises(NoRate) as problem:
        quote("AE", line(Money(10000, "CNY")), currency="AED")
    assert problem.value.facts["currency"] == "AED"


def test_every_rule_names_its_source_and_its_dates_make_sense() -> None:
    rules = rulebook.shipped().rules
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source
        assert rule.confidence
        assert rule.title.zh
        assert rule.title.en
        if rule.valid_from and rule.valid_to:
            assert rule.valid_from <= rule.valid_to
        assert (rule.rate is not None) == (rule.charge == "percent"), rule.id
        assert (rule.table is not None) == (rule.charge == "table"), rule.id
        assert (rule.amount is not None) == rule.charge.startswith("per_"), rule.id
    assert rulebook.shipped().destinations() == ["AU", "DE", "FR", "GB", "JP", "SG", "US"]
