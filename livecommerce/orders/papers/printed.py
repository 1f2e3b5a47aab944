"""What papers say: facts of orders, made ready for the templates in one language. Pure,
but for reading the templates."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.money import Money, exponent
from livecommerce.orders.papers.barcode import code128
from livecommerce.orders.papers.rules import InvoiceKind, spelled
from livecommerce.orders.papers.tables import Invoice
from livecommerce.orders.papers.words import WORDS, Lang, why
from livecommerce.orders.pieces.rules import PARTS, Pieces
from livecommerce.orders.wire import ConsignmentOut, LineOut, OrderOut


def template(paper: str) -> bytes:
    """Typst's source of the paper."""
    return files(__package__).joinpath("templates", f"{paper}.typ").read_bytes()


def invoice(row: Invoice, lang: Lang) -> dict[str, Any]:
    """An invoice or a credit note."""
    w, body = WORDS[lang], row.body
    credit = row.kind is InvoiceKind.CREDIT_NOTE
    number = spelled(row.kind, row.number)
    currency = body["currency"]
    head = [
        (w["number"], number),
        (w["issued"], _day(row.issued_at)),
        (w["order"], row.order_id),
    ]
    if credit:
        head.append((w["for_invoice"], body["invoice"]))
    else:
        head.append((w["paid"], _day(datetime.fromisoformat(body["paid_at"]))))
    seller, address = body["seller"], body["address"]
    rows = [[w["refund"], "", "", "", _money(body["total"], currency)]] if credit else []
    rows += [_sold(line, currency, lang) for line in body["lines"]]
    sums = [
        (w[name], _money(body["parts"][name], currency))
        for name in PARTS
        if body["parts"][name] or name == "goods"
    ]
    terms = w[body["terms"].lower()]
    notes = (
        [f"{w['reason']}: {why(body['reason'], lang)}"]
        if credit
        else [w["paid_already"], terms]
    )
    return {
        "lang": lang,
        "title": w[row.kind],
        "number": number,
        "head": head,
        "seller": {
            "title": w["seller"],
            "lines": [
                seller["legal_name"][lang],
                seller["address"][lang],
                f"{w['uscc']} {seller['uscc']}",
            ],
        },
        "buyer": {"title": w["buyer"], "lines": [*to(address), body["email"]]},
        "columns": [w["item"], w["sku"], w["count"], w["unit"], w["amount"]],
        "rows": rows,
        "sums": sums,
        "total": (w["given_back" if credit else "total"], _money(body["total"], currency)),
        "notes": [*notes, w["no_fapiao"]],
        "footer": seller["legal_name"][lang],
    }


def pick_list(orders: Sequence[OrderOut], lang: Lang) -> dict[str, Any]:
    """What to fetch in all, and how to share it out; only what waits to be sent."""
    w = WORDS[lang]
    counts: Counter[str] = Counter()
    about: dict[str, LineOut] = {}
    shared: list[dict[str, Any]] = []
    for order in orders:
        waiting = [(line, _waiting(line)) for line in order.lines if _waiting(line)]
        for line, count in waiting:
            counts[line.sku] += count
            about[line.sku] = line
        if waiting:
            shared.append(_shared(order, waiting, lang))
    told = w["orders"].format(n=len(shared), pieces=sum(counts.values()))
    return {
        "lang": lang,
        "title": w["pick_list"],
        "about": told,
        "nothing": w["nothing"],
        "sharing": w["sharing"],
        "columns": [w["sku"], w["item"], w["to_pick"]],
        "goods": [{**_named(about[sku], lang), "count": counts[sku]} for sku in sorted(counts)],
        "orders": shared,
    }


def labels(orders: Sequence[OrderOut], lang: Lang) -> dict[str, Any]:
    """One label for each parcel that is not there yet, or for what waits to be packed."""
    w = WORDS[lang]
    made = [label for order in orders for label in _labels(order, lang)]
    return {
        "lang": lang,
        "title": w["labels"],
        "to": w["to"],
        "from": w["from"],
        "labels": made,
    }


def to(address: Mapping[str, Any]) -> list[str]:
    """The lines of an address as they are written on a parcel."""
    place = f"{address.get('postcode') or ''} {address['city']}".strip()
    region = address.get("region")
    lines = [
        address["name"],
        address["line1"],
        address.get("line2"),
        f"{place}, {region}" if region else place,
        address["country"],
        address["phone"],
    ]
    return [line for line in lines if line]


def _labels(order: OrderOut, lang: Lang) -> Iterable[dict[str, Any]]:
    for parcel in order.consignments:
        if parcel.delivered_at is None:
            yield _label(order, parcel, sum(each.count for each in parcel.lines), lang)
    waiting = sum(_waiting(line) for line in order.lines)
    if waiting:
        yield _label(order, None, waiting, lang)


def _label(
    order: OrderOut, parcel: ConsignmentOut | None, pieces: int, lang: Lang
) -> dict[str, Any]:
    w = WORDS[lang]
    assert order.address is not None
    code = parcel.tracking if parcel else order.id
    about = [(w["order"], order.id), (w["pieces"], str(pieces))]
    if parcel:
        about.append((w["weight"], f"{parcel.weight_g / 1000:.2f} kg"))
        about.append((w["shipped"], _day(parcel.shipped_at)))
    return {
        "carrier": parcel.carrier if parcel else w["unsent"],
        "country": order.country,
        "to": to(order.address.model_dump()),
        "from": [order.seller.legal_name.told(lang), order.seller.address.told(lang)],
        "bars": code128(code) if _drawable(code) else [1],
        "code": code,
        "about": about,
    }


def _shared(
    order: OrderOut, waiting: Sequence[tuple[LineOut, int]], lang: Lang
) -> dict[str, Any]:
    return {
        "number": order.id,
        "about": f"{order.country} · {_day(order.placed_at)}",
        "bars": code128(order.id),
        "lines": [{**_named(line, lang), "count": str(count)} for line, count in waiting],
    }


def _named(line: LineOut, lang: Lang) -> dict[str, str]:
    values = " · ".join(each.told(lang) for each in line.snapshot.values.values())
    return {"sku": line.sku, "title": line.snapshot.title.told(lang), "options": values}


def _sold(line: Mapping[str, Any], currency: str, lang: Lang) -> list[Any]:
    values = " · ".join(each[lang] for each in line["values"].values())
    each, rest = divmod(line["goods"], line["count"])
    return [
        [line["title"][lang], values],
        line["sku"],
        str(line["count"]),
        "" if rest else _money(each, currency),
        _money(line["goods"], currency),
    ]


def _waiting(line: LineOut) -> int:
    return Pieces(line.count, line.shipped, line.cancelled).waiting


def _drawable(code: str) -> bool:
    return all(" " <= each <= "~" for each in code)


def _money(minor: int, currency: str) -> str:
    return f"{currency} {Money(minor, currency).amount:,.{exponent(currency)}f}"


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).date().isoformat()
