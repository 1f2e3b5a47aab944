"""Whatever offers meet: nothing falls below its floor, sums are exact, no order matters."""

from hypothesis import given, settings
from hypothesis import strategies as st

from livecommerce.kernel.money import Money
from livecommerce.live.offers import rules
from livecommerce.live.offers.rules import Bundle, Coupon, Cut, Kind, Line, Offers, Second

MERCHANTS = ("mer_a", "mer_b")
PRODUCTS = ("prd_a", "prd_b", "prd_c")


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    found = []
    for n in range(draw(st.integers(1, 5))):
        normal = draw(st.integers(1, 50_000))
        given = draw(st.sampled_from([None, None, Kind.FLASH, Kind.AUCTION]))
        price = normal
        if given is Kind.FLASH:
            price = draw(st.integers(-(-normal // 10), normal))
        elif given is Kind.AUCTION:
            price = draw(st.integers(1, 2 * normal))
        found.append(
            Line(
                reference=f"hld_{n}",
                merchant=draw(st.sampled_from(MERCHANTS)),
                product=draw(st.sampled_from(PRODUCTS)),
                count=draw(st.integers(1, 4)),
                normal=yuan(normal),
                price=yuan(price),
                given=(given, f"off_{n}") if given else None,
            )
        )
    return found


@st.composite
def offers(draw: st.DrawFn) -> Offers:
    merchant = st.sampled_from(MERCHANTS)
    product = st.sampled_from(PRODUCTS)
    percent = st.integers(1, 100)
    amount = st.integers(1, 60_000).map(yuan)
    seconds = st.builds(
        Second, st.sampled_from(["s1", "s2"]), merchant, product, st.integers(2, 4), percent
    )
    pair = st.lists(product, min_size=1, max_size=3, unique=True).map(tuple)
    bundles = st.builds(Bundle, st.sampled_from(["b1", "b2"]), merchant, pair, amount)
    off = st.one_of(amount, st.none())
    coupons = st.builds(
        Coupon, st.sampled_from(["c1", "c2", "c3"]), merchant, amount, off, percent, off
    )

    def unique(kind: st.SearchStrategy) -> list:
        return draw(st.lists(kind, max_size=3, unique_by=lambda x: x.id))

    return Offers(unique(seconds), unique(bundles), unique(coupons))


@settings(max_examples=300, deadline=None)
@given(lines(), offers(), st.randoms(use_true_random=False))
def test_offers_stack_as_promised(want: list[Line], found: Offers, mixed: object) -> None:
    once = rules.priced(want, found)
    for line in once:
        floor = rules.floor(line)
        assert line.amount.minor >= min(floor, line.price.minor * line.count) > 0
        taken = Money.sum((cut.amount for cut in line.cuts), "CNY")
        assert line.amount + taken == line.normal_amount
        assert all(cut.amount.minor > 0 for cut in line.cuts)
        for before, after in zip(line.cuts, line.cuts[1:], strict=False):
            assert after.kind in rules.COMBINES[before.kind]
    for merchant in MERCHANTS:
        coupons = {
            c.id for x in once if x.merchant == merchant for c in x.cuts if c.kind == "coupon"
        }
        assert len(coupons) <= 1
    # Twice is once, and neither the order of lines nor that of offers is seen.
    assert rules.priced(once, found) == once
    shuffled = list(want)
    mixed.shuffle(shuffled)  # type: ignore[attr-defined]
    back = Offers(found.seconds[::-1], found.bundles[::-1], found.coupons[::-1])
    again = {x.reference: x for x in rules.priced(shuffled, back)}
    assert [again[x.reference] for x in once] == once


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
)
def test_what_is_shared_is_shared_whole(off: int, rooms: list[int]) -> None:
    parts = rules.shared(yuan(off), {str(n): yuan(room) for n, room in enumerate(rooms)})
    assert sum(x.minor for x in parts.values()) == min(off, sum(rooms))
    assert all(parts[str(n)].minor <= room for n, room in enumerate(rooms) if parts)


def test_a_flash_price_takes_a_coupon_and_an_auction_none() -> None:
    def line(reference: str, given: tuple[Kind, str] | None, price: int) -> Line:
        return Line(reference, "mer_a", "prd_a", 1, yuan(20000), yuan(price), given)

    want = [line("a", (Kind.FLASH, "fls_1"), 10000), line("b", (Kind.AUCTION, "auc_1"), 9000)]
    coupon = Coupon("cpn_1", "mer_a", yuan(5000), yuan(1000))
    flash, auction = rules.priced(want, Offers(coupons=[coupon]))
    assert [c.kind for c in flash.cuts] == [Kind.FLASH, Kind.COUPON]
    assert flash.amount == yuan(9000)
    assert auction.cuts == (Cut(Kind.AUCTION, "auc_1", yuan(11000)),)


def test_the_second_piece_is_the_cheaper_one_and_a_bundle_repeats() -> None:
    def line(reference: str, product: str, count: int, price: int) -> Line:
        return Line(reference, "mer_a", product, count, yuan(price), yuan(price))

    want = [line("a", "prd_a", 1, 20000), line("b", "prd_a", 1, 10000)]
    first, second = rules.priced(want, Offers([Second("s", "mer_a", "prd_a", 2, 50)]))
    assert (first.amount, second.amount) == (yuan(16667), yuan(8333))  # 5000 less, by price
    want = [line("a", "prd_a", 2, 10000), line("b", "prd_b", 3, 10000)]
    both = rules.priced(
        want, Offers(bundles=[Bundle("b", "mer_a", ("prd_a", "prd_b"), yuan(3000))])
    )
    assert [x.amount for x in both] == [yuan(17158), yuan(26842)]  # 2 × 3000 less, in all


def plain(reference: str, count: int, price: int) -> Line:
    """Pieces of one product."""
    return Line(reference, "mer_a", "prd_a", count, yuan(price), yuan(price))


def taken(want: list[Line], nth: int, percent: int) -> list[int]:
    """What a second-piece offer takes off each line."""
    priced = rules.priced(want, Offers([Second("s", "mer_a", "prd_a", nth, percent)]))
    return [sum(c.amount.minor for c in x.cuts if c.kind is Kind.SECOND) for x in priced]


def test_what_earned_the_second_piece_has_its_share_of_it() -> None:
    # Equal pieces share alike: neither half of the pair is nearly free without the other.
    assert taken([plain("a", 1, 19900), plain("b", 1, 19900)], 2, 90) == [8955, 8955]
    # An odd unit goes to one of them, and none is lost.
    assert taken([plain("a", 1, 3), plain("b", 1, 3)], 2, 50) == [1, 0]
    # The dearest, which no pair needs, has no part in it.
    three = [plain("a", 1, 1000), plain("b", 1, 100), plain("c", 1, 100)]
    assert taken(three, 2, 90) == [0, 45, 45]
    # Three of one line and one of another make two pairs.
    assert taken([plain("a", 3, 100), plain("b", 1, 300)], 2, 50) == [50, 50]
    # A line of which a unit per piece has to stay gives nothing; the other bears its part.
    assert taken([plain("a", 40, 1), plain("b", 120, 2)], 2, 90) == [0, 40]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 50_000)), min_size=1, max_size=5),
    st.integers(2, 4),
    st.integers(1, 90),
)
def test_the_second_piece_takes_what_is_promised_and_each_line_its_part(
    bought: list[tuple[int, int]], nth: int, percent: int
) -> None:
    want = [plain(f"l{n}", count, price) for n, (count, price) in enumerate(bought)]
    off = taken(want, nth, percent)
    prices = sorted(price for count, price in bought for _ in range(count))
    pieces = len(prices) // nth
    earned = prices[: pieces * nth]
    assert sum(off) <= sum(price * percent // 100 for price in prices[:pieces])
    if min(price for _, price in bought) >= 10:  # nothing is cut down for a unit's sake
        assert sum(off) == sum(price * percent // 100 for price in prices[:pieces])
        for part, (count, price) in zip(off, bought, strict=True):
            assert part <= sum(off) * price * count / max(1, sum(earned)) + 1
