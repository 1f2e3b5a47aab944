"""Who may not speak and who may not be there, known in memory.

Everything is loaded at the start. What another process did is read within a second
(:meth:`Restraints.take`); asking for it on every message would put the database into the path
of chat.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from streams.chat.errors import Banned, Muted, NetworkMuted
from streams.chat.rules import Kind, Speaker, Whence
from streams.chat.tables import Mute


@dataclass(frozen=True, slots=True)
class Restraint:
    """What holds against somebody in one place."""

    kind: Kind
    until: datetime | None = None
    address: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it still does."""
        return self.until is None or now < self.until

    @property
    def told_until(self) -> str | None:
        """Its end as problems tell it; none if it has none."""
        return None if self.until is None else self.until.isoformat()


class Restraints:
    """Mutes and bans of every room. A place is a live session, an owner's rooms, or none:
    everywhere."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str | None], Restraint] = {}
        self._addresses: dict[tuple[str, str | None], dict[str, Restraint]] = {}

    def take(self, rows: Iterable[Mute]) -> None:
        """Believe the rows: those that stand hold, those that were lifted do not."""
        for row in rows:
            if row.lifted_at is None:
                self.put(row.speaker, row.place, Restraint(row.kind, row.until, row.address))
            else:
                self.drop(row.speaker, row.place)

    def put(self, user: str, place: str | None, restraint: Restraint) -> None:
        """It holds from now on."""
        self.drop(user, place)
        self._of[user, place] = restraint
        if restraint.address:
            self._addresses.setdefault((restraint.address, place), {})[user] = restraint

    def drop(self, user: str, place: str | None) -> None:
        """Nothing holds against the user in that place any more."""
        gone = self._of.pop((user, place), None)
        if gone is None or not gone.address:
            return
        sharing = self._addresses.get((gone.address, place), {})
        sharing.pop(user, None)
        if not sharing:
            self._addresses.pop((gone.address, place), None)

    def on(self, user: str, live: str, owner: str, now: datetime) -> Restraint | None:
        """The strictest that holds against the user in that live session of that owner."""
        found = [self._standing(user, place, now) for place in (live, owner, None)]
        standing = [restraint for restraint in found if restraint is not None]
        return max(standing, key=lambda r: r.kind is Kind.BAN, default=None)

    def let_in(self, live: str, owner: str, user: str, now: datetime) -> None:
        """Raises Banned if the user may not be in that live session of that owner."""
        found = self.on(user, live, owner, now)
        if found is not None and found.kind is Kind.BAN:
            raise Banned(until=found.told_until)

    def hear_out(
        self, live: str, owner: str, who: Speaker, whence: Whence, now: datetime
    ) -> None:
        """Raises Muted or Banned if something holds against the speaker; or, against a guest,
        NetworkMuted if somebody was restrained together with the address the guest comes
        from: it may be the same person, or one who only shares it and may sign in."""
        restraint = self.on(who.user, live, owner, now)
        if restraint is None:
            shared = not who.account and whence.address
            found = self._from(whence.address, (live, owner, None), now) if shared else None
            if found is not None:
                raise NetworkMuted(until=found.told_until)
            return
        if restraint.kind is Kind.BAN:
            raise Banned(until=restraint.told_until)
        raise Muted(until=restraint.told_until)

    def _standing(self, user: str, place: str | None, now: datetime) -> Restraint | None:
        found = self._of.get((user, place))
        if found is not None and not found.holds(now):
            self.drop(user, place)
            return None
        return found

    def _from(
        self, address: str, places: Iterable[str | None], now: datetime
    ) -> Restraint | None:
        for place in places:
            for user in list(self._addresses.get((address, place), {})):
                standing = self._standing(user, place, now)
                if standing is not None:
                    return standing
        return None
