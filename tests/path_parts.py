"""How the parts of paths and queries are spelt, so that any route can be asked."""

PREFIXES = {
    "merchant": "mer",
    "product": "prd",
    "variant": "var",
    "location": "loc",
    "sheet": "imp",
    "booking": "bkg",
    "live": "liv",
    "card": "crd",
    "hold": "hld",
    "checkout": "chk",
    "method": "mth",
    "order": "ord",
    "consignment": "cns",
    "goods_return": "rtn",
    "invoice": "inv",
    "declaration": "dcl",
    "key": "key",
    "webhook": "whe",
    "delivery": "whd",
    "event_type": "evt",
    "address": "adr",
    "item": "cit",
    "country": "cty",
    "flash": "fls",
    "coupon": "cpp",
    "auction": "auc",
    "bundle": "bnd",
    "draw": "drw",
    "prize": "prz",
    "adjustment": "adj",
    "dispute": "dsp",
    "difference": "rci",
}
NOT_AN_ID = {"word"}
"""Parts of paths that are texts: there is none that could not be meant."""

QUERIES = {
    "starts_at": "2026-12-01T00:00:00Z",
    "ends_at": "2026-12-02T00:00:00Z",
    "month": "2026-11-01",
    "account": "merchant_pending",
    "currency": "EUR",
}
