"""Who may call a route, decided before its handler runs."""

from collections.abc import Callable
from dataclasses import dataclass

from livecommerce.kernel.errors import Unauthenticated
from livecommerce.web.principal import Kind, MerchantRole, NotAllowed, Principal, StaffRole


class SignInFirst(Unauthenticated):
    """Sign in first."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A named test of a principal; the name is shown in the API description."""

    name: str
    admits: Callable[[Principal], bool]
    open: bool = False

    def check(self, who: Principal) -> None:
        """Let them pass, or say why not.

        Raises:
            SignInFirst: a guest asks for what needs an account.
            NotAllowed: the account lacks the role.
        """
        if self.admits(who):
            return
        if who.kind is Kind.GUEST:
            raise SignInFirst()
        raise NotAllowed(needs=self.name)

    def __or__(self, other: "Guard") -> "Guard":
        return Guard(
            f"{self.name} or {other.name}",
            lambda who: self.admits(who) or other.admits(who),
            self.open or other.open,
        )


anyone = Guard("anyone", lambda _who: True, open=True)
signed_in = Guard("signed in", lambda who: who.kind is not Kind.GUEST)


def staff(*roles: StaffRole) -> Guard:
    """Centre staff in one of the roles (any, if none is named)."""
    named = ", ".join(roles) or "any role"
    return Guard(f"staff ({named})", lambda who: who.is_staff(*roles))


def member(*roles: MerchantRole) -> Guard:
    """A member of some merchant in one of the roles; which merchant, the action checks."""
    named = ", ".join(roles) or "any role"
    return Guard(
        f"merchant ({named})",
        lambda who: any(who.member_of(merchant, *roles) for merchant in who.memberships),
    )
