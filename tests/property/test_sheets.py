"""Sheets: what is written and read again is the same, and changes nothing."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from livecommerce.catalogue.rules import Basis
from livecommerce.catalogue.sheets import columns, writing
from livecommerce.catalogue.sheets.cells import cells_of
from livecommerce.catalogue.sheets.plan import LINE, plan
from livecommerce.catalogue.sheets.reading import read
from livecommerce.catalogue.sheets.wire import RowState
from livecommerce.catalogue.textiles import Measures, Textile
from livecommerce.catalogue.wire import Dimension, Fibre, ProductOut, Value, VariantOut, Was
from livecommerce.kernel.money import Money
from livecommerce.office import sheets
from livecommerce.office.errors import NotASheet, SheetTooLarge
from livecommerce.office.sheets import normal
from livecommerce.web.wire import Both

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
SAID = st.one_of(
    TEXT, st.sampled_from(["=1+1", "'=x", "''@", "-2", "+cmd|' /C calc'!A0", "\t=1", "a\r\nb"])
)
BOTH = st.builds(Both, zh=SAID.filter(bool), en=SAID.filter(bool))
KEY = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)


@st.composite
def products(draw: st.DrawFn) -> ProductOut:
    """Whatever a product may say."""
    keys = draw(st.lists(KEY, max_size=3, unique=True))
    options = [
        Dimension(
            key=key,
            label=draw(BOTH),
            values=[
                Value(key=k, label=draw(BOTH))
                for k in draw(st.lists(KEY, min_size=1, max_size=2, unique=True))
            ],
        )
        for key in keys
    ]
    currency = draw(st.sampled_from(["CNY", "JPY", "KWD"]))
    price = draw(st.integers(0, 10**7))
    was = Was(
        price=Money(price + draw(st.integers(1, 500)), currency),
        basis=draw(st.sampled_from(Basis)),
        since=draw(st.dates(date(2020, 1, 1), date(2030, 1, 1))),
    )
    return ProductOut(
        id="prd_1",
        merchant="mer_1",
        title=draw(BOTH),
        description=draw(BOTH),
        category=draw(KEY),
        hs_code=draw(st.from_regex(r"[0-9]{10}", fullmatch=True)),
        origin="CN",
        fibre=draw(st.sampled_from([[], [Fibre(fibre="cotton", percent=100)]])),
        textile=Textile(gsm=draw(st.none() | st.integers(10, 3000))),
        customs_name=draw(SAID.filter(bool)),
        customs_unit="006",
        gmodel=draw(st.dictionaries(SAID, SAID, max_size=3)),
        pictures=draw(st.sampled_from([[], ["/media/a.webp", "/media/b.webp"]])),
        options=options,
        variants=[
            VariantOut(
                id="var_1",
                sku=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)),
                options={d.key: draw(st.sampled_from(d.value_keys)) for d in options},
                weight_g=draw(st.integers(1, 100_000)),
                price=Money(price, currency),
                prices=[Money(draw(st.integers(0, 10**6)), "EUR")],
                was=draw(st.sampled_from([[], [was]])),
                measures=draw(st.sampled_from([Measures(), Measures(width_cm=2, length_cm=3)])),
                left=draw(st.integers(0, 99)),
            )
        ],
        archived=False,
    )


@settings(deadline=None, max_examples=60)
@given(products(), st.booleans(), st.booleans())
def test_what_goes_out_and_comes_in_again_changes_nothing(
    product: ProductOut, workbook: bool, chinese: bool
) -> None:
    rows = [cells_of(product, variant) for variant in product.variants]
    named = columns.all_of(len(product.options), ["EUR"])
    write = writing.as_xlsx if workbook else writing.as_csv
    table = read(write(named, rows, chinese=chinese))
    assert table.columns == named
    sheet = [{**r, LINE: str(n)} for r, n in zip(table.rows, table.lines, strict=True)]
    looked = plan(sheet, [product])
    assert [(r.state, r.changes, r.errors) for r in looked.rows] == [
        (RowState.UNCHANGED, [], [])
    ]
    assert not looked.groups[0].changes
    assert looked.groups[0].said is not None
    assert looked.groups[0].said.gmodel == product.gmodel


@given(SAID)
def test_nothing_that_is_written_is_computed(text: str) -> None:
    assert not sheets.guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert sheets.unguarded(sheets.guarded(text)) == text


@given(st.lists(st.tuples(SAID.map(str.strip), SAID.map(str.strip)), max_size=4))
def test_pairs_in_a_cell_come_out_as_they_went_in(pairs: list[tuple[str, str]]) -> None:
    for between in ("=", ":"):
        assert columns.unpacked(columns.packed(pairs, between), between) == pairs


def test_every_heading_is_known_in_both_languages() -> None:
    for column in columns.all_of(8, ["EUR", "USD"]):
        for chinese in (False, True):
            assert columns.column_of(columns.heading(column, chinese=chinese)) == column


def test_excel_sees_no_formula() -> None:
    content = writing.as_xlsx(
        ["sku", "title_zh"], [{"sku": "=1+1", "title_zh": "@x"}], chinese=False
    )
    cells = [c.value for c in list(load_workbook(io.BytesIO(content)).active)[1]]  # type: ignore[arg-type]
    assert cells == ["'=1+1", "'@x"]
    told = writing.as_csv(["sku"], [{"sku": "-1+1"}], chinese=False)
    assert told.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))[1] == ["'-1+1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_chinese_sheets_are_read_as_excel_writes_them(encoding: str, between: str) -> None:
    lines = [["货号", "中文标题", "备注"], ["A-1", "全棉四件套", "x"], [], ["A-2", "毛巾", ""]]
    text = "\r\n".join(between.join(line) for line in lines)
    table = read(text.encode(encoding))
    assert table.columns == ["sku", "title_zh"]
    assert table.rows[0] == {"sku": "A-1", "title_zh": "全棉四件套"}
    assert table.lines == [2, 4]
    assert table.unknown == ["备注"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 not a workbook",
        b"\xff\xfe\xff\xff\x80",
        b"title_zh,price\nx,1\n",
        b"sku,sku\na,b\n",
    ],
)
def test_what_is_no_sheet_is_refused(content: bytes) -> None:
    with pytest.raises(NotASheet):
        read(content)


def test_too_much_is_refused() -> None:
    with pytest.raises(SheetTooLarge):
        read(b"sku\n" + b"a\n" * 2001)
    with pytest.raises(SheetTooLarge):
        read(b"sku" + b"," * 200 + b"\na\n")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_a_problem(content: bytes) -> None:
    for start in (b"", b"sku,title_zh\n", b"PK\x03\x04"):
        try:
            read(start + content)
        except (NotASheet, SheetTooLarge):
            continue


def test_a_text_is_as_sheets_hold_it() -> None:
    assert normal(" a\r\nb\x07 ") == "a\nb"
