"""Which prices things may have. Asked wherever a price is made: products, lists, sheets, cards,
auctions; what was sold before keeps its price, whatever is asked today."""

from collections.abc import Iterable, Mapping

from livecommerce.catalogue.errors import CurrenciesDiffer, PriceNotPayable, PriceNotPositive
from livecommerce.kernel.money import Money
from payments.stripe_words import CannotCarry, checked_stripe_amount


def payable(price: Money) -> bool:
    """Whether the payment provider could take it (Stripe: eight digits of its own minor unit;
    of three-digit currencies the last one is 0)."""
    try:
        checked_stripe_amount(price)
    except CannotCarry:
        return False
    return True


def must_be_sound(prices: Mapping[str, Iterable[Money]]) -> None:
    """Refuse what would give goods away, or could never be paid.

    Args:
        prices: of each variant, by its id or SKU.

    Raises:
        PriceNotPositive: it names the variants.
        PriceNotPayable: it names them, too.
    """
    every = {name: list(those) for name, those in prices.items()}
    if free := [name for name, those in every.items() if any(p.minor <= 0 for p in those)]:
        raise PriceNotPositive(variants=",".join(sorted(free)))
    if dear := [name for name, those in every.items() if not all(map(payable, those))]:
        raise PriceNotPayable(variants=",".join(sorted(dear)))


def must_be_one_currency(currencies: Iterable[str]) -> None:
    """A product has one currency: a card shows all its variants in it.

    Raises:
        CurrenciesDiffer: there are several.
    """
    if len(found := set(currencies)) > 1:
        raise CurrenciesDiffer(currencies=",".join(sorted(found)))
