"""What a change of dimensions does to variants: who stays, who goes, who comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livecommerce.catalogue.errors import (
    DimensionInUse,
    ExistingValueMissing,
    TooManyVariants,
)
from livecommerce.catalogue.rules import MOST_VARIANTS, combinations
from livecommerce.catalogue.wire import Dimension

Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the variants.

    ``kept`` have these options from now on; ``retired`` have a value that is not offered any
    more; ``revived`` were retired and their combination is offered again; ``fresh`` are
    combinations that no variant has yet.
    """

    kept: dict[str, Options]
    retired: list[str]
    revived: list[str]
    fresh: list[Options]


def change(
    before: Sequence[Dimension],
    after: Sequence[Dimension],
    sold: Mapping[str, Options],
    gone: Mapping[str, Options],
    existing: Mapping[str, str],
) -> Change:
    """How the variants that are sold, and those that were, fit the dimensions to come.

    Args:
        after: the dimensions to be offered, without anything retired.
        sold: the options of each variant that is sold.
        gone: the options of each archived one.
        existing: for a dimension that is new, the value that variants sold so far have.

    Raises:
        ExistingValueMissing: a new dimension does not say it.
        DimensionInUse: variants differ in a dimension that is taken away.
        TooManyVariants: there would be more than 500.
    """
    had = {d.key for d in before if not d.retired}
    have = {d.key: set(d.value_keys) for d in after}
    _not_too_many(after)
    moved: dict[str, Options] = {v: dict(options) for v, options in sold.items()}
    for key in have.keys() - had:
        value = existing.get(key)
        if moved and value not in have[key]:
            raise ExistingValueMissing(dimension=key)
        for options in moved.values():
            options[key] = str(value)
    for key in had - have.keys():
        if len({options.get(key) for options in moved.values()}) > 1:
            raise DimensionInUse(dimension=key)
        for options in moved.values():
            options.pop(key, None)
    kept = {
        variant: options
        for variant, options in moved.items()
        if all(options.get(key) in values for key, values in have.items())
    }
    wanted = combinations(after)
    taken = list(kept.values())
    revived = []
    for variant, options in gone.items():
        if options in wanted and options not in taken:
            revived.append(variant)
            taken.append(dict(options))
    return Change(
        kept=kept,
        retired=[variant for variant in moved if variant not in kept],
        revived=revived,
        fresh=[options for options in wanted if options not in taken],
    )


def _not_too_many(after: Sequence[Dimension]) -> None:
    count = 1
    for dimension in after:
        count *= len(dimension.value_keys)
    if count > MOST_VARIANTS:
        raise TooManyVariants(most=MOST_VARIANTS, wanted=count)


def merged(before: Sequence[Dimension], after: Sequence[Dimension]) -> list[Dimension]:
    """The dimensions to store: those offered first, and all that was ever offered behind
    them as retired, so that old variants keep their words."""
    known = {d.key: d for d in before}
    stored = []
    for one in after:
        earlier = known.pop(one.key, None)
        keys = {v.key for v in one.values}
        old = [v for v in earlier.values if v.key not in keys] if earlier else []
        values = [*one.values, *(v.model_copy(update={"retired": True}) for v in old)]
        stored.append(Dimension(key=one.key, label=one.label, values=values[:100]))
    return [*stored, *(d.model_copy(update={"retired": True}) for d in known.values())]
