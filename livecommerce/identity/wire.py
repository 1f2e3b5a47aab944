"""Identity's bodies as clients see them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from livecommerce.kernel.clock import Instant
from livecommerce.web.principal import Kind, MerchantRole, StaffRole
from livecommerce.web.wire import Both, Wire

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+$",
    ),
]


class SignIn(Wire):
    """What one signs in with."""

    email: Email
    password: str = Field(min_length=1, max_length=200)


class MembershipOut(Wire):
    """What the caller may do for one merchant."""

    merchant: str
    name: Both
    roles: list[MerchantRole]


class MeOut(Wire):
    """Who the caller is."""

    id: str
    kind: Kind
    name: str
    locale: str
    staff: list[StaffRole]
    memberships: list[MembershipOut]


class ContactOut(Wire):
    """How to reach a seller."""

    name: str
    phone: str
    email: str


class MerchantOut(Wire):
    """A seller's public identity, as must always be one step away from what they sell."""

    id: str
    slug: str
    name: Both
    legal_name: Both
    uscc: str
    licence: str
    address: Both
    contact: ContactOut
    avatar: str | None
    verified_at: datetime | None


class MakeKey(Wire):
    """A wish for an API key: for one merchant with its roles, or for the centre."""

    name: str = Field(min_length=1, max_length=80)
    merchant: str | None = None
    scopes: list[str] = Field(min_length=1, max_length=5)
    expires_at: Instant | None = None


class KeyOut(Wire):
    """An API key without its secret."""

    id: str
    name: str
    merchant: str | None
    scopes: list[str]
    ends_with: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class MadeKey(KeyOut):
    """A new API key; ``secret`` is shown this once."""

    secret: str
