"""Words for addresses, consignments and customs."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import both, id_

PARCELS: Final[dict[str, Any]] = {
    "Address": {
        "name": "Erika Mustermann",
        "line1": "Heidestraße 17",
        "line2": "",
        "city": "Köln",
        "region": None,
        "postcode": "51147",
        "country": "DE",
        "phone": "+49 221 12345678",
    },
    "Destination": {"country": "DE", "region": None, "postcode": "51147"},
    "PlaceCheckout.email": "erika.mustermann@example.org",
    "CheckoutOut.email": "erika.mustermann@example.org",
    "attempt": 1,
    "carrier": "YANWEN",
    "code": "YANWEN",
    "country": "DE",
    "declared": 1,
    "expected": "1",
    "found": "2",
    "DifferenceOut.field": "count",
    "DifferenceOut.rule": "count",
    "facts": None,
    "guid": "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    "href": f"/v1/declarations/{id_('dcl')}/messages/603",
    "MessageOut.info": "已放行",
    "MessageOut.kind": "603",
    "MessageOut.state": "released",
    "MessageOut.status": "800",
    "mode": "9610",
    "pieces": 1,
    "preparation_only": both("仅供准备申报", "For preparing the declaration only"),
    "DeclarationOut.state": "released",
    "tracking": "YW123456789CN",
    "Node.href": f"/orders/{id_('ord')}",
    "Node.kind": "order",
    "Node.state": "paid",
    "Fact.value": "YW123456789CN",
    "edges": [[id_("liv"), id_("ord")]],
    "Totals.orders": {"paid": 1},
}
