"""All the words. Keys are field names, ``Model.field`` where a name means several things, or a
model's name for the whole of it (:mod:`livecommerce.web.examples`)."""

from typing import Any, Final

from livecommerce.vocabulary.afterwards import AFTERWARDS
from livecommerce.vocabulary.buyers import BUYERS
from livecommerce.vocabulary.kept import KEPT
from livecommerce.vocabulary.money import MONEY
from livecommerce.vocabulary.offers import OFFERS
from livecommerce.vocabulary.parcels import PARCELS
from livecommerce.vocabulary.rooms import ROOMS
from livecommerce.vocabulary.sale import SALE
from livecommerce.vocabulary.things import THINGS
from livecommerce.vocabulary.told import TOLD

WORDS: Final[dict[str, Any]] = {
    **THINGS,
    **SALE,
    **PARCELS,
    **AFTERWARDS,
    **ROOMS,
    **OFFERS,
    **TOLD,
    **BUYERS,
    **KEPT,
    **MONEY,
}
