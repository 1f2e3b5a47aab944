"""Who is asking: a guest, a person (perhaps of a merchant or of the staff), or an API key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from livecommerce.kernel.errors import Denied, NotFound


class Kind(StrEnum):
    """What kind of principal asks."""

    GUEST = "guest"
    PERSON = "person"
    KEY = "key"
    SYSTEM = "system"


class StaffRole(StrEnum):
    """Work in the service centre."""

    OPERATOR = "operator"
    SCHEDULER = "scheduler"
    FINANCE = "finance"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class MerchantRole(StrEnum):
    """Work for one merchant."""

    OWNER = "owner"
    HOST = "host"
    ASSISTANT = "assistant"
    MODERATOR = "moderator"
    FINANCE = "finance"


class NotYours(NotFound):
    """There is no such thing."""


class NotAllowed(Denied):
    """Your role does not allow this."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, resolved once per request."""

    id: str
    name: str = ""
    kind: Kind = Kind.GUEST
    staff: frozenset[StaffRole] = frozenset()
    memberships: Mapping[str, frozenset[MerchantRole]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    locale: str = "zh-CN"

    def is_staff(self, *roles: StaffRole) -> bool:
        """Whether they hold one of the roles (any staff role if none is named)."""
        if StaffRole.ADMIN in self.staff:
            return True
        return bool(self.staff & set(roles)) if roles else bool(self.staff)

    def member_of(self, merchant: str, *roles: MerchantRole) -> bool:
        """Whether they may act for the merchant in one of the roles; owners may do all."""
        held = self.memberships.get(merchant, frozenset())
        if MerchantRole.OWNER in held:
            return True
        return bool(held & set(roles)) if roles else bool(held)

    def must_be_staff(self, *roles: StaffRole) -> None:
        """Raises NotAllowed unless :meth:`is_staff`."""
        if not self.is_staff(*roles):
            raise NotAllowed()

    def must_act_for(self, merchant: str, *roles: MerchantRole) -> None:
        """Strangers learn nothing (NotYours, a 404); colleagues without the role NotAllowed."""
        if not self.member_of(merchant):
            raise NotYours()
        if not self.member_of(merchant, *roles):
            raise NotAllowed(merchant=merchant)


SYSTEM = Principal(id="system", name="system", kind=Kind.SYSTEM, staff=frozenset(StaffRole))
