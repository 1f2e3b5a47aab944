"""Those who run a room, and so are no audience of its offers."""

from livecommerce.live.offers.errors import NotForTheTeam
from livecommerce.web.principal import Principal


def is_team(who: Principal, merchant: str) -> bool:
    """Whether they belong to those who run the room, and so are no viewers."""
    return who.member_of(merchant) or who.is_staff()


def must_be_audience(who: Principal, merchant: str) -> None:
    """Raises NotForTheTeam for the merchant's members and the centre's staff."""
    if is_team(who, merchant):
        raise NotForTheTeam()
