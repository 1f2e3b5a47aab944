"""What a sheet would do: a report of every row, and the products as they would be.

A row that comes back is compared with the row that would be written: what is the same says
nothing, so a sheet that was only looked at changes nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from livecommerce.catalogue.rules import MOST_VARIANTS
from livecommerce.catalogue.sheets import columns
from livecommerce.catalogue.sheets.cells import (
    WAS,
    Wrong,
    cells_of,
    number,
    understood,
    variant_words,
    whole,
    words,
)
from livecommerce.catalogue.sheets.dimensions import placed, relabelled
from livecommerce.catalogue.sheets.messages import trouble, troubles
from livecommerce.catalogue.sheets.wire import CellOut, RowOut, RowState, TroubleOut
from livecommerce.catalogue.wire import (
    Dimension,
    ProductOut,
    ProductWords,
    VariantOut,
    VariantWords,
)
from livecommerce.office.sheets import normal

LINE = "line"
"""Under which a row carries the line it stands in."""

_PLACE = {column: place for place, column in enumerate(columns.all_of(8, []))}

Row = dict[str, str]


@dataclass(slots=True)
class Ware:
    """One variant as it would be; ``id`` if it is there already."""

    id: str | None
    said: VariantWords
    options: dict[str, str]
    on_hand: int
    changes: bool


@dataclass(slots=True)
class Group:
    """One product as it would be; ``id`` if it is there already."""

    id: str | None
    said: ProductWords | None = None
    options: list[Dimension] = field(default_factory=list)
    changes: bool = False
    wares: list[Ware] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """The report, and what is done when it is applied."""

    rows: list[RowOut]
    groups: list[Group]

    @property
    def digest(self) -> str:
        """What stands for exactly this plan."""
        told = hashlib.sha256()
        for row in self.rows:
            told.update(row.model_dump_json().encode())
        return told.hexdigest()

    @property
    def errors(self) -> int:
        """Rows with errors."""
        return sum(1 for row in self.rows if row.errors)


@dataclass(slots=True)
class _Line:
    row: Row
    number: int
    home: tuple[ProductOut, VariantOut] | None = None
    changes: list[CellOut] = field(default_factory=list)
    errors: list[TroubleOut] = field(default_factory=list)
    notes: list[TroubleOut] = field(default_factory=list)

    def wrong(self, column: str, why: Wrong) -> None:
        self.errors.append(TroubleOut(field=column, text=why.why))

    def out(self) -> RowOut:
        state = RowState.CHANGED if self.changes else RowState.UNCHANGED
        if self.errors:
            state = RowState.ERROR
        elif self.home is None:
            state = RowState.CREATED
        return RowOut(
            line=self.number,
            sku=self.row.get("sku", ""),
            state=state,
            changes=self.changes,
            errors=self.errors,
            notes=self.notes,
        )


def plan(rows: Sequence[Row], products: Sequence[ProductOut]) -> Plan:
    """What the rows would do. Computes; not for a loop.

    Args:
        products: every product of the merchant that the rows name, by id or by SKU.
    """
    by_id = {product.id: product for product in products}
    by_sku = {variant.sku: (p, variant) for p in products for variant in p.variants}
    lines = [_Line(_in_order(row), int(row[LINE])) for row in rows]
    grouped: dict[tuple[bool, str], list[_Line]] = {}
    seen: set[str] = set()
    for line in lines:
        group = _group(line, by_id, by_sku, seen)
        if group is not None:
            grouped.setdefault(group, []).append(line)
    groups = []
    for (there, name), members in grouped.items():
        known = by_id[name] if there else None
        groups.append(_planned(known, members))
    return Plan([line.out() for line in lines], groups)


def _in_order(row: Row) -> Row:
    """By column: the database keeps a row's cells in an order of its own."""
    return dict(sorted(row.items(), key=lambda cell: (_PLACE.get(cell[0], len(_PLACE)), cell)))


def _group(
    line: _Line,
    by_id: Mapping[str, ProductOut],
    by_sku: Mapping[str, tuple[ProductOut, VariantOut]],
    seen: set[str],
) -> tuple[bool, str] | None:
    sku, cell = line.row.get("sku", ""), line.row.get("product", "")
    if not sku or sku in seen:
        twice = trouble("sku", "这个货号在表中出现了两次。", "This SKU is in the sheet twice.")
        line.errors.append(twice if sku else trouble("sku", "必填。", "Needed."))
        return None
    seen.add(sku)
    line.home = by_sku.get(sku)
    if line.home is not None:
        product = line.home[0]
        if cell.startswith("prd_") and cell != product.id:
            other = trouble("product", "货号属于另一件商品。", "The SKU is another product's.")
            line.errors.append(other)
            return None
        return True, product.id
    if cell in by_id:
        return True, cell
    if not cell or cell.startswith("prd_"):
        line.errors.append(
            trouble(
                "product",
                "请写商品编号；新商品的各行写同一个名字。",
                "Name the product; rows of a new one share any name.",
            )
        )
        return None
    return False, cell


def _planned(product: ProductOut | None, lines: Sequence[_Line]) -> Group:
    group = Group(id=product.id if product else None)
    if product is not None:
        group.options = list(product.offered)
    _say(group, product, lines)
    taken = [v.options for v in product.variants if not v.archived] if product else []
    for line in lines:
        ware = _ware(group, line, taken)
        if ware is not None:
            group.wares.append(ware)
    _one_currency(group, product, lines)
    if product is not None and group.options != product.offered:
        group.changes = True
    if len(taken) > MOST_VARIANTS:
        said = (f"一件商品最多 {MOST_VARIANTS} 个货号。", f"At most {MOST_VARIANTS} variants.")
        lines[0].errors.append(trouble("product", *said))
    return group


def _say(group: Group, product: ProductOut | None, lines: Sequence[_Line]) -> None:
    """What the rows say of their product: what differs from what it says, told once."""
    first = _first_row(product)
    told: Row = {}
    teller: dict[str, _Line] = {}
    for line in lines:
        for column in columns.PRODUCT:
            cell = line.row.get(column, "")
            if not cell or _same(cell, normal(first.get(column, ""))):
                continue
            if column in told and told[column] != cell:
                line.errors.append(
                    trouble(
                        column,
                        f"与第 {teller[column].number} 行不一致。",
                        f"Not the same as in line {teller[column].number}.",
                    )
                )
            elif column not in told:
                told[column], teller[column] = cell, line
                if product is not None:
                    before = first.get(column, "")
                    line.changes.append(CellOut(field=column, before=before, after=cell))
    into: dict[str, Any] = {}
    if product is not None:
        into = product.model_dump(mode="json", include=set(ProductWords.model_fields))
    for column, why in words(told, into).items():
        teller[column].wrong(column, why)
    if product is not None and "pictures" in told:
        into["alts"] = {k: v for k, v in into["alts"].items() if k in into["pictures"]}
    try:
        group.said = ProductWords.model_validate(into)
    except ValidationError as invalid:
        for one in troubles(invalid):
            teller.get(one.field, lines[0]).errors.append(one)
    group.changes = product is None or bool(told)


def _one_currency(group: Group, product: ProductOut | None, lines: Sequence[_Line]) -> None:
    """Rows that would leave a product with prices in more than one currency are told so."""
    told = {ware.said.sku: ware.said.price.currency for ware in group.wares}
    sold = [v for v in product.variants if not v.archived] if product else []
    gone = {v.sku for v in product.variants if v.archived} if product else set()
    stay = {v.sku: v.price.currency for v in sold if v.sku not in told}
    first = next(iter([*stay.values(), *told.values()]), None)
    for line in lines:
        sku = line.row.get("sku", "")
        if sku in told and sku not in gone and told[sku] != first:
            said = (
                f"同一商品的各货号须用同一币种（{first}）；其他币种写在 price_XXX 列。",
                f"A product has one currency ({first}); others belong in price_XXX columns.",
            )
            line.errors.append(trouble("currency", *said))


def _first_row(product: ProductOut | None) -> Row:
    return cells_of(product, product.variants[0]) if product and product.variants else {}


def _ware(group: Group, line: _Line, taken: list[dict[str, str]]) -> Ware | None:
    home = line.home
    into: dict[str, Any] = {"sku": line.row["sku"]}
    row = line.row
    if home is not None:
        into = home[1].model_dump(mode="json", include=set(VariantWords.model_fields))
        row = _differing(line, home)
    else:
        row = {column: cell for column, cell in row.items() if cell}
    for column, why in variant_words(row, into).items():
        line.wrong(column, why)
    _tell_amounts(line, row, str((into.get("price") or {}).get("currency", "")))
    options = dict(home[1].options) if home else {}
    try:
        if home is None:
            options = placed(line.row, group.options, fixed=group.id is not None)
        elif not home[1].archived:
            before = list(group.options)
            relabelled(line.row, group.options, options)
            if before != group.options:
                line.changes += _labels(line, home)
    except (Wrong, ValidationError) as wrong:
        why = wrong if isinstance(wrong, Wrong) else Wrong("规格写法不对。", "Not spelt right.")
        line.wrong("value1", why)
    if home is None and not line.errors:
        if options in taken:
            same = trouble("value1", "已有相同规格的货号。", "Another variant is the same.")
            line.errors.append(same)
        taken.append(options)
    try:
        on_hand = whole(line.row.get("on_hand") or "0") if home is None else 0
        said = VariantWords.model_validate(into)
    except Wrong as wrong:
        line.wrong("on_hand", wrong)
        return None
    except ValidationError as invalid:
        line.errors += troubles(invalid)
        return None
    if not 0 <= on_hand <= 10_000_000:
        line.errors.append(trouble("on_hand", "库存数量不对。", "Not a number of pieces."))
    return Ware(home[1].id if home else None, said, options, on_hand, bool(line.changes))


def _tell_amounts(line: _Line, row: Row, currency: str) -> None:
    """Amounts as they were understood, not as they were typed; those of new variants, too."""
    if line.home is not None:
        line.changes = [
            one.model_copy(update={"after": understood(one.field, one.after, currency)})
            for one in line.changes
        ]
        return
    line.changes += [
        CellOut(field=column, before="", after=understood(column, cell, currency))
        for column, cell in row.items()
        if cell and (column in {"price", "was_price"} or column.startswith("price_"))
    ]


def _differing(line: _Line, home: tuple[ProductOut, VariantOut]) -> Row:
    """The variant's cells that are not as they would be written; noted in the report. An
    empty cell of what a variant cannot be without says nothing."""
    current = {column: normal(cell) for column, cell in cells_of(*home).items()}
    changed: Row = {}
    for column, cell in line.row.items():
        mine = column in columns.VARIANT or column.startswith("price_")
        if not mine or _same(cell, current.get(column, "")):
            continue
        if column == "on_hand":
            if cell:
                line.notes.append(
                    trouble(
                        column,
                        "已有货号的库存不由表格修改，请用盘点或调整。",
                        "Stock of what is there is not changed here: count or adjust it.",
                    )
                )
            continue
        if not cell and column in {"weight_g", "price", "currency"}:
            continue
        changed[column] = cell
        line.changes.append(CellOut(field=column, before=current.get(column, ""), after=cell))
    if changed.keys() & WAS:
        # What belongs together is read together; what goes away takes the rest with it.
        goes = line.row.get("was_price", current.get("was_price", "")) == ""
        same = {c: "" if goes else line.row.get(c, current.get(c, "")) for c in WAS}
        changed = {**same, **changed}
    return changed


def _same(cell: str, current: str) -> bool:
    """Whether they say the same: spreadsheets write 399.00 as 399."""
    if cell == current:
        return True
    try:
        return bool(cell and current) and number(cell) == number(current)
    except ValueError:
        return False


def _labels(line: _Line, home: tuple[ProductOut, VariantOut]) -> list[CellOut]:
    current = cells_of(*home)
    return [
        CellOut(field=column, before=current.get(column, ""), after=cell)
        for column, cell in line.row.items()
        if column.startswith(("option", "value")) and cell and cell != current.get(column, "")
    ]
