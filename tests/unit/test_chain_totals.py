"""What a session came to, in money: cancelled orders count nowhere but as cancelled."""

from livecommerce.insight.queries import totals
from livecommerce.kernel.money import Money
from livecommerce.orders.rules import OrderState
from livecommerce.orders.tables import Order


def order(state: OrderState, minor: int, currency: str = "EUR", refunded: int = 0) -> Order:
    return Order(state=state, total_minor=minor, currency=currency, refunded_minor=refunded)


def test_money_is_told_per_currency_and_orders_by_state() -> None:
    state = OrderState
    orders = [
        order(state.PLACED, 100),
        order(state.PAID, 2000),
        order(state.SHIPPED, 30_000, refunded=5_000),
        order(state.REFUNDED, 400_000, refunded=400_000),
        order(state.CANCELLED, 9_000_000),
        order(state.PAID, 7, "USD"),
        order(state.CANCELLED, 8, "GBP"),
    ]
    told = totals(orders, [])
    assert told.orders == {
        "placed": 1,
        "paid": 2,
        "shipped": 1,
        "refunded": 1,
        "cancelled": 2,
    }
    assert [(m.ordered, m.paid, m.net) for m in told.money] == [
        (Money(432_100, "EUR"), Money(432_000, "EUR"), Money(27_000, "EUR")),
        (Money(0, "GBP"), Money(0, "GBP"), Money(0, "GBP")),
        (Money(7, "USD"), Money(7, "USD"), Money(7, "USD")),
    ]
