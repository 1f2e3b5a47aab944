"""What we charge for shipping a parcel: our own dated demo tariff, labelled as such."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from livecommerce.crossborder.errors import NotShippedThere
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both


class Zone(BaseModel):
    """Countries that cost the same; ``*`` is everywhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    countries: tuple[str, ...]
    first_g: int
    first: Decimal
    step_g: int
    step: Decimal


class Tariff(BaseModel):
    """Prices per parcel: a first weight, then every further step begun."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Both
    source: str
    valid_from: date
    currency: str
    heaviest_g: int
    zones: tuple[Zone, ...]

    def zone(self, country: str) -> Zone:
        """Where the country lies. Raises NotShippedThere for our own country."""
        if country == "CN":
            raise NotShippedThere("We ship abroad only.", country=country)
        named = next((z for z in self.zones if country in z.countries), None)
        anywhere = next((z for z in self.zones if "*" in z.countries), None)
        found = named or anywhere
        if found is None:
            raise NotShippedThere(country=country)
        return found

    def price(self, country: str, weight_g: int) -> Money:
        """What one parcel of that weight costs.

        Raises:
            NotShippedThere: it is too heavy, or goes where the tariff does not.
        """
        zone = self.zone(country)
        if weight_g > self.heaviest_g:
            raise NotShippedThere(
                country=country, weight_g=weight_g, heaviest_g=self.heaviest_g
            )
        steps = -(-max(0, weight_g - zone.first_g) // zone.step_g)
        return Money.of(zone.first + zone.step * steps, self.currency)


@cache
def shipped() -> Tariff:
    """The tariff that comes with this version."""
    text = files(__package__).joinpath("data", "shipping_tariff.json").read_text("utf-8")
    return Tariff.model_validate_json(text)
