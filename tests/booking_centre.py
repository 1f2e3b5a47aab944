"""A small centre to book in, for the tests of bookings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from livecommerce.identity import actions as people
from livecommerce.identity import rules as identity_rules
from livecommerce.kernel.db import Database
from livecommerce.studios import actions
from livecommerce.studios.errors import (
    SlotTaken,
)
from livecommerce.studios.rules import ResourceKind
from livecommerce.studios.wire import BookingOut, BookSlot
from livecommerce.web.principal import (
    Kind,
    MerchantRole,
    Principal,
    StaffRole,
)

H = timedelta(hours=1)
M = timedelta(minutes=1)


@dataclass
class Centre:
    """Two bed studios and a kitchen; two cameras, a light; one host. Open for a week."""

    db: Database
    now: datetime
    ids: dict[str, str]

    def want(self, **changes: Any) -> BookSlot:
        wish = {
            "merchant": self.ids["luxi"],
            "studio": self.ids["bed-1"],
            "starts_at": self.now + 2 * H,
            "ends_at": self.now + 4 * H,
        }
        return BookSlot.model_validate({**wish, **changes})

    def member(self, merchant: str, *roles: MerchantRole) -> Principal:
        held = MappingProxyType({self.ids[merchant]: frozenset(roles)})
        return Principal(id=f"usr_{merchant}", kind=Kind.PERSON, memberships=held)

    @property
    def host(self) -> Principal:
        return self.member("luxi", MerchantRole.HOST)

    @property
    def scheduler(self) -> Principal:
        roles = frozenset({StaffRole.SCHEDULER})
        return Principal(id="usr_desk", kind=Kind.PERSON, staff=roles)

    async def book(self, by: Principal | None = None, **changes: Any) -> BookingOut:
        async with self.db.begin() as tx:
            return await actions.book(
                tx, self.want(**changes), by=by or self.host, now=self.now
            )

    async def try_book(self, **changes: Any) -> BookingOut | SlotTaken:
        try:
            return await self.book(**changes)
        except SlotTaken as taken:
            return taken

    async def do(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        async with self.db.begin() as tx:
            return await work(tx, *args, **{"by": self.host, "now": self.now, **kwargs})

    async def overlaps(self) -> int:
        async with self.db.begin() as tx:
            return int(
                await tx.scalar(
                    sa.text(
                        "SELECT count(*) FROM commerce.allocation a JOIN commerce.allocation b"
                        " ON a.resource_id = b.resource_id AND a.id < b.id"
                        " AND a.during && b.during"
                        " WHERE a.status IN ('held', 'confirmed')"
                        " AND b.status IN ('held', 'confirmed')"
                    )
                )
            )

    async def scalar(self, query: str) -> Any:
        async with self.db.begin() as tx:
            return await tx.scalar(sa.text(query))


async def open_centre(db: Database, now: datetime) -> Centre:
    """Two merchants, three studios, cameras, a light and a host."""
    ids: dict[str, str] = {}
    numbers = count(1)
    name = {"zh": "名", "en": "Name"}
    async with db.begin() as tx:
        for slug in ("luxi", "yunmian"):
            first = f"91320600MA1NX{next(numbers):04d}"
            ids[slug] = await people.add_merchant(
                tx,
                slug=slug,
                name=name,
                legal_name=name,
                uscc=first + identity_rules.uscc_check(first),
                customs_code="3206961234",
                licence="L",
                address=name,
                contact={"name": "n", "phone": "p", "email": "e"},
                now=now,
            )
        for key, kind, before, after in (
            ("bed", ResourceKind.STUDIO, 30, 30),
            ("kitchen", ResourceKind.STUDIO, 30, 30),
            ("camera", ResourceKind.EQUIPMENT, 30, 30),
            ("light", ResourceKind.EQUIPMENT, 0, 0),
            ("host", ResourceKind.CREW, 0, 0),
        ):
            await actions.add_class(
                tx,
                key=key,
                kind=kind,
                name=name,
                set_up_minutes=before,
                tear_down_minutes=after,
                always_open=kind is ResourceKind.EQUIPMENT,
                position=0,
            )
        for slug in (
            "bed-1",
            "bed-2",
            "kitchen-1",
            "camera-1",
            "camera-2",
            "light-1",
            "host-1",
        ):
            key = slug.rpartition("-")[0]
            kind = {"camera": ResourceKind.EQUIPMENT, "light": ResourceKind.EQUIPMENT}.get(
                key, ResourceKind.CREW if key == "host" else ResourceKind.STUDIO
            )
            ids[slug] = await actions.add_resource(
                tx,
                slug=slug,
                kind=kind,
                class_key=key,
                name={"zh": slug, "en": slug},
                description=name,
                attributes={},
                position=0,
            )
            await actions.open_for(tx, ids[slug], [(now - 24 * H, now + 24 * 7 * H)])
    return Centre(db, now, ids)
