"""A consignment to declare, as tests need it: complete, and easy to vary."""

from datetime import UTC, date, datetime
from typing import Any

from livecommerce.crossborder.desk import demo_desk
from livecommerce.crossborder.facts import (
    ConsignmentFacts,
    Desk,
    Elements,
    Enterprise,
    GoodsLine,
)
from livecommerce.kernel.money import Money

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DESK: Desk = demo_desk()


def duvet_cover(**changes: Any) -> GoodsLine:
    """A cotton duvet cover set, two of them."""
    return GoodsLine(
        **{
            "sku": "DCS-COT-200-WHT",
            "name_zh": "全棉被套四件套",
            "description_en": "Duvet cover set, woven, 100% cotton, not printed",
            "hs_code": "6302319900",
            "unit": "006",
            "count": 2,
            "unit_price": Money(8990, "EUR"),
            "net_weight_g": 1800,
            "pieces": 4,
            "elements": Elements(
                purpose="床上用", weave="机织", composition="棉100%", item_number="DCS-COT-200"
            ),
            **changes,
        }
    )


def blanket(**changes: Any) -> GoodsLine:
    """A flannel blanket."""
    return GoodsLine(
        **{
            "sku": "BLK-FLN-150-GRY",
            "name_zh": "法兰绒毯",
            "description_en": "Blanket, flannel, 100% polyester",
            "hs_code": "6301400000",
            "unit": "015",
            "count": 1,
            "unit_price": Money(3900, "EUR"),
            "net_weight_g": 1200,
            "elements": Elements(composition="聚酯纤维100%", item_number="BLK-FLN-150"),
            **changes,
        }
    )


def consignment(**changes: Any) -> ConsignmentFacts:
    """A parcel to Germany: 218.80 of goods, 20.00 of freight, 50.00 collected for others."""
    return ConsignmentFacts(
        **{
            "consignment": "cns_01jdq0000000000000000000000"[:30],
            "order": "ord_01jdq00000000000000000000",
            "merchant_id": "mer_01jdq00000000000000000000",
            "merchant": Enterprise(code="3206960A11", name="演示家纺有限公司"),
            "destination": "DE",
            "lines": [duvet_cover(), blanket()],
            "freight": Money(2000, "EUR"),
            "charged": Money(28880, "EUR"),
            "collected_for_others": Money(5000, "EUR"),
            "payment": "pay_01jdq00000000000000000000",
            "paid_at": NOW,
            "carrier": DESK.carriers[0].firm,
            "tracking": "LZ473124829CN",
            "gross_weight_g": 5200,
            "ships_on": date(2026, 11, 23),
            **changes,
        }
    )
