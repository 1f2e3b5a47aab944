"""Words for what buyers keep: addresses, the cart, messages, the receipt's link."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import both, eur, id_

_SENT = "2026-11-23T11:20:00Z"

BUYERS: Final[dict[str, Any]] = {
    "RegionOut": {"key": "NY", "names": ["New York"]},
    "FormFieldOut": {"name": "postcode", "required": True, "kind": "zip"},
    "AddressFormOut": {
        "country": "US",
        "fields": [
            {"name": "country", "required": True, "kind": None},
            {"name": "name", "required": True, "kind": None},
            {"name": "line1", "required": True, "kind": None},
            {"name": "line2", "required": False, "kind": None},
            {"name": "city", "required": True, "kind": "city"},
            {"name": "region", "required": True, "kind": "state"},
            {"name": "postcode", "required": True, "kind": "zip"},
            {"name": "phone", "required": True, "kind": None},
        ],
        "postcode_pattern": r"^(?:(\d{5})(?:[ \-](\d{4}))?)$",
        "postcode_examples": ["95014"],
        "regions": [{"key": "NY", "names": ["New York"]}],
    },
    "SaveAddress.label": "Home",
    "SavedAddressOut.id": id_("adr"),
    "SavedAddressOut.label": "Home",
    "SavedAddressOut.default": True,
    "added_at": "2026-11-23T11:03:00Z",
    "CartGroupOut.name": both("锦棉家纺", "Jinmian Home"),
    "CartLineOut.id": id_("cit"),
    "CartLineOut.options": [both("200×230 厘米", "200 × 230 cm")],
    "CartLineOut.shown": None,
    "CartLineOut.changed": False,
    "CartLineOut.buying": False,
    "price": eur(8900),
    "seen": eur(8900),
    "LineState": "available",
    "CartOut.pieces": 1,
    "CartOut.version": 3,
    "MethodOut.id": id_("mth"),
    "Tap.method": id_("mth"),
    "number": 1,
    "Side": "buyer",
    "OrderMessageOut.id": id_("msg", 3),
    "OrderMessageOut.name": "Erika Mustermann",
    "OrderMessageOut.mine": True,
    "OrderMessageOut.text": "Could you pack it as a gift?",
    "OrderMessageOut.sent_at": _SENT,
    "WriteMessage.text": "Could you pack it as a gift?",
    "seen_by_buyer": 1,
    "seen_by_merchant": 0,
    "unread": 0,
    "merchant_name": both("锦棉家纺", "Jinmian Home"),
    "ThreadListed.count": 1,
    "ThreadListed.last_text": "Could you pack it as a gift?",
    "ThreadListed.last_at": _SENT,
    "OpenReceipt.token": f"{id_('chk')}.1795432020.c2lnbmVkLWZvci10aGlzLXB1cmNoYXNl",
    "good_until": "2027-05-22T11:07:00Z",
    "SendReceipt.email": "erika.mustermann@example.org",
}
