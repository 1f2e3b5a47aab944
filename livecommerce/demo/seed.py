"""Fill an empty centre, or find what an earlier start has filled. Sowing twice is once."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue import queries as products
from livecommerce.catalogue.textiles import Measures
from livecommerce.catalogue.wire import Dimension, Fibre, NewProduct, NewVariant, Value
from livecommerce.demo.centre import (
    ACCOUNTS,
    CLASSES,
    CREW,
    EQUIPMENT,
    HOUSES,
    STUDIOS,
    Account,
    both,
)
from livecommerce.demo.goods import Cloth, Colour, Good, Size
from livecommerce.demo.wares import GOODS
from livecommerce.identity import actions as people
from livecommerce.identity import passwords
from livecommerce.identity import queries as known
from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.kernel.money import Money
from livecommerce.studios import actions as studios
from livecommerce.studios import rules as hours
from livecommerce.studios.rules import ResourceKind
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole
from livecommerce.web.wire import Both

OPEN_AHEAD = 60  # days of opening hours that every start makes sure of
_DIMENSIONS = (
    ("size", both("尺寸", "Size")),
    ("colour", both("颜色", "Colour")),
    ("fabric", both("面料", "Fabric")),
)


@dataclass(frozen=True, slots=True)
class SeededCentre:
    """What the demo centre holds: ids by names that never change.

    ``people`` by ``luxi.host``, ``centre.operator``; ``merchants`` by ``luxi``; ``resources``
    by ``morning-bedroom``; ``products`` by ``sateen-set``; ``variants`` by SKU.
    """

    people: Mapping[str, str]
    merchants: Mapping[str, str]
    resources: Mapping[str, str]
    products: Mapping[str, str]
    variants: Mapping[str, str]

    @property
    def merchant(self) -> str:
        """The merchant whose live session the demo shows."""
        return self.merchants["luxi"]

    @property
    def rival(self) -> str:
        """Another merchant, who wants the same slot."""
        return self.merchants["yunmian"]

    @property
    def studio(self) -> str:
        """The studio the demo prefers."""
        return self.resources["morning-bedroom"]

    @property
    def equipment(self) -> list[str]:
        """What a slot of the demo takes along, by class."""
        return ["camera", "light", "microphone"]

    @property
    def crew(self) -> list[str]:
        """Who comes along, by class; both are on call at any hour."""
        return ["camera-operator", "director"]

    @property
    def carrier(self) -> str:
        """Who carries the demo's parcels."""
        return "演示国际速递 Demo Express"

    def login(self, who: str) -> tuple[str, str]:
        """E-mail and password of ``luxi.host`` or, for short, ``host``, ``rival-host``,
        ``buyer``, or a role of the centre's staff."""
        account = account_of(who)
        return account.email, account.password

    def principal(self, who: str) -> Principal:
        """The principal that a sign-in of ``who`` gives."""
        account = account_of(who)
        held = {}
        if account.merchant is not None and account.role is not None:
            held[self.merchants[account.merchant]] = frozenset({account.role})
        return Principal(
            id=self.people[account.slug],
            name=account.name,
            kind=Kind.PERSON,
            staff=frozenset() if account.staff is None else frozenset({account.staff}),
            memberships=MappingProxyType(held),
            locale=account.locale,
        )

    def day(self, now: datetime) -> date:
        """The day it is in the centre."""
        return hours.day_of(now)


def account_of(who: str) -> Account:
    """The account with this slug, or a short name of it.

    Raises:
        LookupError: the demo has no such account.
    """
    short = {"buyer": "mail.anna"}
    short |= {role.value: f"centre.{role.value}" for role in StaffRole}
    short |= {f"rival-{role.value}": f"yunmian.{role.value}" for role in MerchantRole}
    # The merchant's finance is asked for by its full slug: alone, the word means the centre's.
    short = {role.value: f"luxi.{role.value}" for role in MerchantRole} | short
    slug = short.get(who, who)
    for account in ACCOUNTS:
        if account.slug == slug:
            return account
    raise LookupError(f"the demo has no account {who!r}")


def sign_ins() -> list[tuple[str, str, str]]:
    """What each account is for, its e-mail and its password, to be printed at the start."""
    told = []
    for account in ACCOUNTS:
        house, _, role = account.slug.partition(".")
        purpose = "buyer" if house == "mail" else f"{house} {role}"
        told.append((purpose, account.email, account.password))
    return told


async def seed(db: Database, *, now: datetime) -> SeededCentre:
    """The demo centre, with opening hours for the next two months."""
    hashes = await _hashes(db)
    async with db.begin() as tx:
        await one_at_a_time(tx, "demo.seed")
        merchants = await _merchants(tx, now)
        persons = await _people(tx, merchants, hashes, now)
        resources = await _resources(tx, now)
    for house in HOUSES:
        async with db.begin() as tx:
            await one_at_a_time(tx, "demo.seed")
            owner = persons[f"{house.slug}.{MerchantRole.OWNER.value}"]
            await _goods(tx, house.slug, merchants[house.slug], owner, now)
    async with db.begin() as tx:
        variants, sold = await _found(tx, list(merchants.values()))
    return SeededCentre(persons, merchants, resources, sold, variants)


async def _hashes(db: Database) -> dict[str, str]:
    """Hashes of the passwords of those who are not there yet; each takes long on purpose."""
    async with db.begin() as tx:
        missing = [a for a in ACCOUNTS if await known.person_by_email(tx, a.email) is None]
    hashes = await asyncio.gather(*(passwords.hashed(a.password) for a in missing))
    return {account.slug: made for account, made in zip(missing, hashes, strict=True)}


async def _merchants(tx: Tx, now: datetime) -> dict[str, str]:
    found = {}
    for house in HOUSES:
        merchant = await known.merchant_by_slug(tx, house.slug)
        found[house.slug] = merchant or await people.add_merchant(
            tx,
            slug=house.slug,
            name=house.name,
            legal_name=house.legal_name,
            uscc=house.uscc,
            customs_code=house.customs_code,
            licence=house.licence,
            address=house.address,
            contact=house.contact,
            avatar=f"/media/merchants/{house.slug}.webp",
            verified_at=now,
            now=now,
        )
    return found


async def _people(
    tx: Tx, merchants: Mapping[str, str], hashes: Mapping[str, str], now: datetime
) -> dict[str, str]:
    found = {}
    for account in ACCOUNTS:
        person = await known.person_by_email(tx, account.email)
        if person is None:
            person = await people.add_person(
                tx,
                email=account.email,
                name=account.name,
                locale=account.locale,
                password_hash=hashes[account.slug],
                now=now,
                staff=[] if account.staff is None else [account.staff],
            )
            if account.merchant is not None and account.role is not None:
                await people.enrol(tx, merchants[account.merchant], person, account.role)
        found[account.slug] = person
    return found


async def _resources(tx: Tx, now: datetime) -> dict[str, str]:
    kinds = {}
    for position, of in enumerate(CLASSES):
        kinds[of.key] = of.kind
        await studios.add_class(
            tx,
            key=of.key,
            kind=of.kind,
            name=of.name,
            set_up_minutes=of.set_up,
            tear_down_minutes=of.tear_down,
            always_open=of.kind is ResourceKind.EQUIPMENT,
            position=position,
        )
    found = {}
    for position, thing in enumerate([*STUDIOS, *EQUIPMENT, *CREW]):
        kind = kinds[thing.class_key]
        found[thing.slug] = resource = await studios.add_resource(
            tx,
            slug=thing.slug,
            kind=kind,
            class_key=thing.class_key,
            name=thing.name,
            description=thing.description,
            attributes=thing.attributes,
            picture=f"/media/studios/{thing.slug}.webp" if thing.picture else None,
            position=position,
        )
        if kind is not ResourceKind.EQUIPMENT:
            await studios.open_for(tx, resource, _openings(thing.hours, now))
    return found


def _openings(open_: tuple[int, int], now: datetime) -> list[tuple[datetime, datetime]]:
    today = hours.day_of(now)
    first, last = (timedelta(hours=hour) for hour in open_)
    days = (hours.bounds_of(today + timedelta(days=n))[0] for n in range(-1, OPEN_AHEAD))
    return [(day + first, day + last) for day in days]


async def _goods(tx: Tx, house: str, merchant: str, owner: str, now: datetime) -> None:
    held = MappingProxyType({merchant: frozenset({MerchantRole.OWNER})})
    by = Principal(id=owner, kind=Kind.PERSON, memberships=held)
    _, there = await _found(tx, [merchant])
    for good in GOODS:
        if good.merchant == house and good.slug not in there:
            await catalogue.create_product(tx, _product(good, merchant), by=by, now=now)


async def _found(tx: Tx, merchants: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Variants by SKU and products by slug; a product is known by what its SKUs begin with."""
    slugs = {good.sku: good.slug for good in GOODS}
    page = await products.listed(tx, merchants=merchants, after=None, limit=500)
    variants: dict[str, str] = {}
    sold: dict[str, str] = {}
    for product in page.items:
        first = product.variants[0].sku.partition("-")[0] if product.variants else ""
        if first in slugs:
            sold[slugs[first]] = product.id
            variants |= {variant.sku: variant.id for variant in product.variants}
    return variants, sold


def _product(good: Good, merchant: str) -> NewProduct:
    values: tuple[tuple[Size | Colour | Cloth, ...], ...] = (
        tuple(good.sizes),
        tuple(good.colours),
        tuple(good.cloths),
    )
    return NewProduct(
        merchant=merchant,
        title=Both(**good.title),
        description=Both(**good.description),
        category=good.category,
        hs_code=good.hs_code,
        origin="CN",
        fibre=[Fibre(fibre=name, percent=share) for name, share in good.fibre.items()],
        customs_name=good.customs_name,
        customs_unit=good.unit,
        gmodel=_elements(good),
        pictures=[f"/media/{good.picture(colour)}" for colour in good.colours],
        options=[
            Dimension(
                key=key,
                label=Both(**label),
                values=[Value(key=v.key, label=Both(**v.label)) for v in of],
            )
            for (key, label), of in zip(_DIMENSIONS, values, strict=True)
        ],
        variants=[_variant(good, *combination) for combination in good.variants()],
    )


def _elements(good: Good) -> dict[str, str]:
    """Answers to the declaration elements, under the names that customs facts use."""
    shares = ",".join(f"{share}%{_FIBRES[name]}" for name, share in good.fibre.items())
    elements = {
        "brand_type": "1",  # a brand of the exporter's own
        "export_preference": "3",  # none claimed
        "purpose": good.purpose,
        "weave": good.weave,
        "composition": shares,
        "brand": good.merchant.upper(),
    }
    return elements | ({"filling": good.filling} if good.filling else {})


_FIBRES = {
    "cotton": "棉",
    "polyester": "聚酯纤维",
    "lyocell": "莱赛尔纤维",
    "silk": "桑蚕丝",
    "wool": "羊毛",
}


def _measures(size: Size) -> Measures:
    """The sides that a size is called by, where it is called by two."""
    found = re.fullmatch(r"(\d+)x(\d+)", size.key)
    return Measures(width_cm=int(found[1]), length_cm=int(found[2])) if found else Measures()


def _variant(good: Good, size: Size, colour: Colour, cloth: Cloth) -> NewVariant:
    sku = good.sku_of(size, colour, cloth)
    chance = int.from_bytes(hashlib.sha256(sku.encode()).digest()[:2], "big")
    return NewVariant(
        sku=sku,
        options={"size": size.key, "colour": colour.key, "fabric": cloth.key},
        weight_g=size.weight_g,
        measures=_measures(size),
        price=Money(size.yuan * (100 + cloth.percent) // 100 * 100, "CNY"),
        on_hand=20 + chance % 160,
    )
