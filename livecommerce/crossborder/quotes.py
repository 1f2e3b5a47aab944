"""The landed cost of a purchase: goods, shipping, duty, tax, fees, and where each comes from.

Pure: dated rules, dated rates and our tariff are arguments. Where no rule covers a line the
whole quote is DAP, duties unpaid, and says so; it never shows nothing as if it were free.
"""

from datetime import datetime, timedelta

from livecommerce.crossborder.codes import countries
from livecommerce.crossborder.duty import Goods, Uncovered, charges
from livecommerce.crossborder.errors import NotShippedThere
from livecommerce.crossborder.rates import DayRates
from livecommerce.crossborder.rulebook import Rulebook
from livecommerce.crossborder.tariff import Tariff
from livecommerce.crossborder.wire import (
    Charge,
    Destination,
    Line,
    Offered,
    Parcel,
    ParcelQuote,
    QuoteOut,
    QuoteRequest,
    Share,
    Terms,
)
from livecommerce.identity.addresses.rules import plain_postcode
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both

GOOD_FOR = timedelta(minutes=15)

DDP_TEXT = Both(
    zh="含税价（DDP）：关税、税费和规费已包含在总价内，收货时无需另付。",
    en="Duties paid (DDP): duty, tax and fees are in the total; nothing is due on delivery.",
)
DAP_TEXT = Both(
    zh="未含税价（DAP）：关税和进口税未包含在总价内，由收件人在收货时缴纳。",
    en="Duties unpaid (DAP): customs duty and import tax are NOT in the total; the recipient"
    " pays them on arrival.",
)
PLANNING = Both(
    zh="税费按所列规则和日期估算，供参考，不构成海关裁定或税务意见。",
    en="Duty and tax are worked out from the dated rules shown; no customs ruling, no tax"
    " advice.",
)
NO_RULES = Both(
    zh="我们尚无该目的地的税费规则，因此无法代收。",
    en="We hold no duty and tax rules for this destination, so we cannot collect them.",
)
NOT_COVERED = Both(
    zh="部分商品没有适用的税费规则，因此无法代收。",
    en="No duty or tax rule covers some of the goods, so we cannot collect them.",
)
TO_BE_CHECKED = Both(
    zh="部分税率尚待核实，已在明细中标明。",
    en="Some of the rates are still to be checked; they are marked in the breakdown.",
)

_OUTSIDE = {
    "GB": ("BT", "JE", "GY", "IM"),
    "FR": ("97", "98"),
    "DE": ("27498", "78266"),
    "US": ("006", "007", "008", "009", "969"),
}
"""Postcodes of parts of a country where its rules do not hold."""


def landed_cost(
    want: QuoteRequest,
    *,
    id_: str,
    now: datetime,
    rates: DayRates,
    book: Rulebook,
    tariff: Tariff,
) -> QuoteOut:
    """The quote, good for 15 minutes.

    Raises:
        NoRate: a currency is not on the day's list.
        NotShippedThere: our tariff has no price for a parcel.
    """
    if want.destination.country == "XI":
        raise NotShippedThere(
            "Northern Ireland is addressed as GB with its BT postcode.", country="XI"
        )
    if want.destination.country not in countries():
        raise NotShippedThere(country=want.destination.country)
    goods = [_goods(parcel, want, rates, tariff) for parcel in want.parcels]
    landing: list[list[Charge]] = []
    notices: list[Both] = []
    if not _ruled(want.destination, book):
        notices.append(NO_RULES)
    for each in [] if notices else goods:
        found = charges(each, on=now.date(), rates=rates, book=book)
        if any(isinstance(x, Uncovered) for x in found):
            notices.append(NOT_COVERED)
            break
        landing.append([x for x in found if isinstance(x, Charge)])
    paid = not notices
    if paid and any(c.confidence != "sourced" for parcel in landing for c in parcel):
        notices.append(TO_BE_CHECKED)
    parcels = [
        _parcel(parcel, each, landing[i] if paid else None, tariff)
        for i, (parcel, each) in enumerate(zip(want.parcels, goods, strict=True))
    ]
    text = _paid_text(landing, book) if paid else DAP_TEXT
    if paid:
        notices.append(PLANNING)
    return _quote(want, parcels, id_=id_, now=now, rates=rates, text=text, notices=notices)


def _paid_text(landing: list[list[Charge]], book: Rulebook) -> Both:
    """That duties are paid, and which tax the buyer may owe all the same."""
    used = dict.fromkeys(charge.rule_id for parcel in landing for charge in parcel)
    left = [found for found in (book.not_included(rule) for rule in used) if found]
    if not left:
        return DDP_TEXT
    zh, en = "、".join(each.zh for each in left), ", ".join(each.en for each in left)
    return Both(
        zh=f"含税价（DDP）：所列关税、税费和规费已包含在总价内，收货时无需另付；"
        f"但总价未包含{zh}，如应缴纳由买家自行承担。",
        en=f"Duties paid (DDP): the duty, tax and fees listed are in the total and are not due"
        f" on delivery. NOT in the total: {en}; where it is owed, the buyer pays it.",
    )


def outside_rules(destination: Destination) -> bool:
    """Whether it is a part of its country where that country's rules do not hold. A quote for
    one part does not hold in the other."""
    outside = _OUTSIDE.get(destination.country, ())
    return plain_postcode(destination.postcode or "").startswith(outside)


def _ruled(destination: Destination, book: Rulebook) -> bool:
    return destination.country in book.destinations() and not outside_rules(destination)


def _goods(parcel: Parcel, want: QuoteRequest, rates: DayRates, tariff: Tariff) -> Goods:
    offers = [_offers(line, want.currency, rates) for line in parcel.lines]
    prices = [
        rates.convert(line.unit_price, want.currency) * line.count - _off(found, want.currency)
        for line, found in zip(parcel.lines, offers, strict=True)
    ]
    if parcel.discount is not None:
        off = rates.convert(parcel.discount, want.currency)
        shares = off.split([price.minor for price in prices])
        prices = [price - share for price, share in zip(prices, shares, strict=True)]
    freight = parcel.freight
    if freight is None:
        freight = tariff.price(want.destination.country, _weight(parcel))
    shipping = rates.convert(freight, want.currency)
    return Goods(
        country=want.destination.country,
        channel=parcel.channel,
        currency=want.currency,
        lines=tuple(parcel.lines),
        prices=tuple(prices),
        offers=tuple(offers),
        freights=tuple(shipping.split([x.weight_g * x.count for x in parcel.lines])),
    )


def _offers(line: Line, currency: str, rates: DayRates) -> list[Offered]:
    """What offers take off the line in the quote's currency; at most what the goods cost."""
    whole = rates.convert(line.unit_price, currency) * line.count
    told = [rates.convert(each.amount, currency) for each in line.offers]
    found = []
    for each, amount in zip(line.offers, told, strict=True):
        if not each.in_price:
            amount = amount if amount < whole else whole  # noqa: PLW2901
            whole -= amount
        found.append(each.model_copy(update={"amount": amount}))
    return found


def _off(offers: list[Offered], currency: str) -> Money:
    return Money.sum((each.amount for each in offers if not each.in_price), currency)


def _weight(parcel: Parcel) -> int:
    return sum(line.weight_g * line.count for line in parcel.lines)


def _parcel(
    parcel: Parcel, goods: Goods, landing: list[Charge] | None, tariff: Tariff
) -> ParcelQuote:
    currency = goods.currency
    own = [
        *map(_price, goods.lines, goods.prices, goods.offers),
        _shipping(parcel, goods, tariff),
    ]
    every = own + (landing or [])

    def total(*kinds: str) -> Money:
        return Money.sum((c.amount for c in every if c.kind in kinds), currency)

    return ParcelQuote(
        merchant=parcel.merchant,
        charges=every,
        goods=total("goods"),
        shipping=total("shipping"),
        duty=None if landing is None else total("duty"),
        tax=None if landing is None else total("tax"),
        fees=total("fee"),
        total=total("goods", "shipping", "duty", "tax", "fee"),
    )


def _price(line: Line, amount: Money, offers: list[Offered]) -> Charge:
    return Charge(
        kind="goods",
        title=Both(zh=f"商品 {line.sku} × {line.count}", en=f"Goods {line.sku} × {line.count}"),
        base=line.unit_price,
        rate=None,
        amount=amount,
        shares=[Share(reference=line.reference, variant=line.variant, amount=amount)],
        rule_id="price",
        source="the seller's price",
        valid_from=None,
        confidence="sourced",
        offers=offers,
    )


def _shipping(parcel: Parcel, goods: Goods, tariff: Tariff) -> Charge:
    amount = Money.sum(goods.freights, goods.currency)
    given = parcel.freight is not None
    return Charge(
        kind="shipping",
        title=Both(zh="运费", en="Shipping"),
        base=parcel.freight if given else tariff.price(goods.country, _weight(parcel)),
        rate=None,
        amount=amount,
        shares=[
            Share(reference=line.reference, variant=line.variant, amount=part)
            for line, part in zip(goods.lines, goods.freights, strict=True)
        ],
        rule_id="freight" if given else tariff.id,
        source="given by the caller" if given else tariff.source,
        valid_from=None if given else tariff.valid_from,
        confidence="sourced" if given else "demo",
        note=Both(zh="按重量分摊到各商品。", en="Shared among the goods by weight."),
    )


def _quote(
    want: QuoteRequest,
    parcels: list[ParcelQuote],
    *,
    id_: str,
    now: datetime,
    rates: DayRates,
    text: Both,
    notices: list[Both],
) -> QuoteOut:
    currency, paid = want.currency, text is not DAP_TEXT

    def total(name: str) -> Money:
        return Money.sum((getattr(parcel, name) for parcel in parcels), currency)

    return QuoteOut(
        id=id_,
        destination=want.destination,
        currency=currency,
        terms=Terms.DDP if paid else Terms.DAP,
        terms_text=text,
        notices=notices,
        lines=[line for parcel in want.parcels for line in parcel.lines],
        parcels=parcels,
        rates=rates.used(),
        goods=total("goods"),
        shipping=total("shipping"),
        duty=total("duty") if paid else None,
        tax=total("tax") if paid else None,
        fees=total("fees"),
        total=total("total"),
        made_at=now,
        expires_at=now + GOOD_FOR,
    )
