"""Every journey of money × every fault switch × every order of messages × a death of the
process at every named point: the end is the same as without faults, the buyer is charged once,
the books balance, nothing is stuck, and reconciliation finds nothing.

Here every two of them meet (``every_pair``); all of them with all the others, at length, in
``make soak-matrix``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from livecommerce.embedded.server import Server
from livecommerce.kernel import ids
from payments.outgoing import ProviderTransfer, WantedTransfer
from payments.sandbox.switches import What
from tests.fault_journeys import JOURNEYS, Journey, go, in_a_world, transfer
from tests.fault_pairs import every_pair, pairs_of
from tests.fault_points import Moment
from tests.fault_world import Order

BOOKS: dict[str, dict[str, int]] = {
    # 120.00, less 10 % commission; the provider's fee is 2.9 % + 0.30, abroad 1.5 % more
    "card": {
        "at the provider": 11_442,
        "stripe_fee": 558,
        "platform_fee": -1_200,
        "merchant_available": -10_800,
    },
    "alipay": {
        "at the provider": 11_622,
        "stripe_fee": 378,
        "platform_fee": -1_200,
        "merchant_available": -10_800,
    },
    "refund": {"at the provider": -558, "stripe_fee": 558},
    "partial_refund": {
        "at the provider": 5_442,
        "stripe_fee": 558,
        "platform_fee": -600,
        "merchant_available": -5_400,
    },
    "dispute_lost": {
        "at the provider": -2_058,
        "stripe_fee": 558,
        "platform_fee": -1_200,
        "dispute_fee": 1_500,
        "merchant_receivable": 1_200,
    },
    "transfer": {"at the provider": 142, "stripe_fee": 558, "platform_fee": -700},
    "payout_failed": {"at the provider": 642, "stripe_fee": 558, "platform_fee": -1_200},
}
for _name, _same in {
    "three_d_secure": "card",
    "dispute_won": "card",
    "wechat": "alipay",
}.items():
    BOOKS[_name] = BOOKS[_same]
BOOKS["destination"] = BOOKS["transfer"]  # whichever way the merchant is paid
BOOKS["destination_disputed"] = BOOKS["dispute_lost"]
BOOKS["one_tap"] = {name: 2 * minor for name, minor in BOOKS["card"].items()}
"""What every account holds in the end, debits positive, counted by hand."""

BY_NAME = {journey.__name__: journey for journey in JOURNEYS}
DIMENSIONS = (list(BY_NAME), [None, *What], list(Order), list(Moment))
CASES = every_pair(DIMENSIONS)
_ends: dict[str, Mapping[str, Any]] = {}


async def without_faults(server: Server, journey: Journey) -> Mapping[str, Any]:
    """How it ends when all goes well; found once."""
    name = journey.__name__
    if name not in _ends:
        async with in_a_world(server) as world:
            await go(world, journey)
            await world.audit()
            _ends[name] = await world.end()
    return _ends[name]


@pytest.mark.parametrize("name", BY_NAME)
async def test_without_faults(postgres: Server, name: str) -> None:
    assert (await without_faults(postgres, BY_NAME[name]))["books"] == BOOKS[name]


@pytest.mark.parametrize(
    ("name", "what", "order", "moment"),
    CASES,
    ids=["-".join(str(part or "well") for part in case).replace(" ", "_") for case in CASES],
)
async def test_the_end_is_the_same(
    postgres: Server, name: str, what: What | None, order: Order, moment: Moment
) -> None:
    async with in_a_world(postgres, what=what, order=order, moment=moment) as world:
        await go(world, BY_NAME[name])
        await world.audit()
        assert await world.end() == await without_faults(postgres, BY_NAME[name])
        hardly_any_come = order is Order.LOST and moment in {Moment.ARRIVED, Moment.STORED}
        if not hardly_any_come:
            assert bool(world.dying.died) is (moment is not Moment.NEVER)


def test_every_two_of_them_meet() -> None:
    met = set().union(*(pairs_of(case) for case in CASES))
    for a, these in enumerate(DIMENSIONS):
        for b, those in enumerate(DIMENSIONS[a + 1 :], a + 1):
            assert {((a, x), (b, y)) for x in these for y in those} <= met


async def test_twin_with_a_new_key_for_every_question_ends_otherwise(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_a_world(postgres, order=Order.LOST, moment=Moment.ANSWERED) as world:
        gateway = world.till.payments
        asked = gateway.transfer

        async def forgets(want: WantedTransfer) -> ProviderTransfer:
            half = want.amount.split([1, 1])[0]  # so that the charge covers it twice
            return await asked(replace(want, key=ids.new("trf"), amount=half))

        monkeypatch.setattr(gateway, "transfer", forgets)
        await go(world, transfer)
        end = await world.end()
    assert len(end["their transfers"]) == 2, "sent twice"
