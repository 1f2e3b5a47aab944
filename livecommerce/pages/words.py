"""The few texts the server itself puts on a page: titles, and what to do without assets."""

from typing import Final, Literal

from aiohttp import web

Lang = Literal["zh-CN", "en"]
LANG_COOKIE: Final = "lc_lang"

CENTRE: Final[dict[Lang, str]] = {
    "zh-CN": "家纺直播公共服务中心",
    "en": "Home Textile Live Centre",
}

TITLES: Final[dict[str, dict[Lang, str]]] = {
    "start": {"zh-CN": "首页", "en": "Home"},
    "sign-in": {"zh-CN": "登录", "en": "Sign in"},
    "room": {"zh-CN": "直播间", "en": "Live room"},
    "console": {"zh-CN": "中控台", "en": "Console"},
    "bookings": {"zh-CN": "我的预约与场次", "en": "Bookings and sessions"},
    "products": {"zh-CN": "商品", "en": "Products"},
    "product": {"zh-CN": "编辑商品", "en": "Product"},
    "stock": {"zh-CN": "库存", "en": "Stock"},
    "imports": {"zh-CN": "表格导入", "en": "Import"},
    "roster": {"zh-CN": "排期", "en": "Roster"},
    "chain": {"zh-CN": "全链路", "en": "The chain"},
    "checkout": {"zh-CN": "结算", "en": "Checkout"},
    "order": {"zh-CN": "订单", "en": "Order"},
    "cart": {"zh-CN": "购物车", "en": "Cart"},
    "orders": {"zh-CN": "我的订单", "en": "My orders"},
    "addresses": {"zh-CN": "收货地址", "en": "Addresses"},
    "methods": {"zh-CN": "已保存的银行卡", "en": "Kept cards"},
    "messages": {"zh-CN": "订单消息", "en": "Messages"},
    "receipt": {"zh-CN": "我的订单", "en": "Your orders"},
    "desk": {"zh-CN": "订单处理", "en": "Order desk"},
    "finance": {"zh-CN": "财务", "en": "Finance"},
    "money": {"zh-CN": "资金", "en": "Money"},
    "docs": {"zh-CN": "接口文档", "en": "API reference"},
    "not-found": {"zh-CN": "没有这个页面", "en": "No such page"},
    "webhooks": {"zh-CN": "Webhook 推送", "en": "Webhooks"},
    "mail": {"zh-CN": "截获邮件", "en": "Caught mail"},
}

NO_ASSETS: Final[dict[Lang, tuple[str, str]]] = {
    "zh-CN": (
        "页面尚未构建",
        "接口照常工作，但前端资源不存在。请安装 Node 20.19 以上版本，然后在 "
        "livecommerce/pages/frontend 中运行 npm ci 与 npm run build。",
    ),
    "en": (
        "The pages have not been built",
        "The API works, but the front end's assets are missing. Install Node 20.19 or newer, "
        "then run npm ci and npm run build in livecommerce/pages/frontend.",
    ),
}

NO_SCRIPT: Final[dict[Lang, str]] = {
    "zh-CN": "此页面需要启用 JavaScript。",
    "en": "This page needs JavaScript.",
}


def lang_of(request: web.Request) -> Lang:
    """The reader's language: ``?lang=``, else what they chose before, else their browser's."""
    asked = request.query.get("lang") or request.cookies.get(LANG_COOKIE)
    if asked is None:
        accepted = request.headers.get("Accept-Language", "")
        asked = accepted.partition(",")[0].partition(";")[0].strip() or "zh-CN"
    return "zh-CN" if asked.lower().startswith("zh") else "en"


def title_of(page: str, lang: Lang) -> str:
    """What the browser's tab says before the page knows better."""
    return f"{TITLES[page][lang]} · {CENTRE[lang]}"
