"""One product for all journeys that leave it whole, and copies for those that break it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from livecommerce.demo.seed import SeededCentre
from tests import people, product
from tests.database import in_a_loop_of_its_own
from tests.people import Centre, Show
from tests.product import Product
from tests.strangers import everybody, things


@dataclass(frozen=True)
class Installation:
    """A folder of a product that has been filled and stopped, to be copied."""

    folder: Path
    seeded: SeededCentre


@dataclass(frozen=True)
class Breakable:
    """A product of one's own, and the centre in it."""

    product: Product
    centre: Centre


Started = Callable[..., Breakable]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The demo centre, installed once."""
    with product.place() as folder:
        first = Product(folder)
        try:
            first.start()
            seeded = product.seeded(first)
            code, _ = first.stop()
            assert code == 0
        finally:
            first.clear()
        yield Installation(folder, seeded)


@pytest.fixture(scope="session")
def shared(installation: Installation) -> Iterator[Product]:
    """The product that every whole journey walks through; it ends as it should."""
    with copy_of(installation) as running:
        running.start()
        yield running
        code, took = running.stop()
        assert code == 0
        assert took < product.stops_within()
        assert running.orphans() == []


@pytest.fixture(autouse=True)
def told_by_the_product(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the shared product logged during a test is shown where the test failed."""
    if "shared" not in request.fixturenames:
        yield
        return
    running: Product = request.getfixturevalue("shared")
    before = len(running.said())
    yield
    request.node.add_report_section("call", "product", running.said()[before:][-6000:])


@pytest.fixture(scope="session")
def centre(shared: Product, installation: Installation) -> Centre:
    """The demo centre in the shared product."""
    return Centre(shared.url, installation.seeded)


@pytest.fixture(scope="session")
def show(centre: Centre) -> Show:
    """A session that sells and is never on air: a ready one does, too."""
    made: list[Show] = []

    async def make() -> None:
        async with centre.person("host") as host:
            made.append(await people.prepare(host, centre, cards=4, minutes=180))

    in_a_loop_of_its_own(make())
    return made[0]


@pytest.fixture
def start(installation: Installation) -> Iterator[Started]:
    """Starts a product of one's own; whatever becomes of it, nothing of it is left."""
    with ExitStack() as stack:

        def started(**settings: str) -> Breakable:
            own = stack.enter_context(copy_of(installation, **settings))
            own.start()
            return Breakable(own, Centre(own.url, installation.seeded))

        yield started


@contextmanager
def copy_of(installation: Installation, **settings: str) -> Iterator[Product]:
    """A copy of the installation, not started; cleared away at the end."""
    with product.place() as folder:
        product.copied(installation.folder, folder)
        own = Product(folder, **settings)
        try:
            yield own
        finally:
            own.clear()


__all__ = ["everybody", "things"]
