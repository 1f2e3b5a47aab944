"""The demo's accounts as its sign-in page lists them."""

from livecommerce.demo.centre import ACCOUNTS, HOUSES, Account, both
from livecommerce.web.principal import MerchantRole, StaffRole

_STAFF = {
    StaffRole.OPERATOR: both("值班运营", "operator"),
    StaffRole.SCHEDULER: both("排期", "scheduler"),
    StaffRole.FINANCE: both("财务", "finance"),
    StaffRole.COMPLIANCE: both("合规", "compliance"),
    StaffRole.ADMIN: both("管理员", "admin"),
}
_MEMBERS = {
    MerchantRole.OWNER: both("店主", "owner"),
    MerchantRole.HOST: both("主播", "host"),
    MerchantRole.ASSISTANT: both("助理", "assistant"),
    MerchantRole.MODERATOR: both("场控", "moderator"),
    MerchantRole.FINANCE: both("财务", "finance"),
}


def demo_accounts() -> list[dict[str, object]]:
    """E-mail, password, name and role of everybody, in both languages."""
    return [
        {
            "email": account.email,
            "password": account.password,
            "name": _name(account),
            "role": _role(account),
        }
        for account in ACCOUNTS
    ]


def _name(account: Account) -> dict[str, str]:
    own, _, spelt = account.name.partition(" ")
    return both(own, spelt) if own and not own.isascii() else both(account.name, account.name)


def _role(account: Account) -> dict[str, str]:
    if account.staff is not None:
        role = _STAFF[account.staff]
        return both(f"服务中心 · {role['zh']}", f"Centre · {role['en']}")
    if account.role is not None:
        house = next(h for h in HOUSES if h.slug == account.merchant)
        role = _MEMBERS[account.role]
        return both(f"{house.name['zh']} · {role['zh']}", f"{house.name['en']} · {role['en']}")
    return both("买家", "Buyer")
