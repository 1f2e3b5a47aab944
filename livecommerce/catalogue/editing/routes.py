"""Changing products over HTTP."""

from livecommerce.catalogue import queries
from livecommerce.catalogue.editing import actions, checks
from livecommerce.catalogue.editing.wire import (
    EditOptions,
    EditProduct,
    EditVariants,
    NoteOut,
)
from livecommerce.catalogue.errors import (
    CurrenciesDiffer,
    DimensionInUse,
    EditedMeanwhile,
    ExistingValueMissing,
    NoSuchPicture,
    NoSuchProduct,
    NoSuchVariant,
    OptionsWrong,
    PriceNotPayable,
    PriceNotPositive,
    SkuTaken,
    TooManyVariants,
)
from livecommerce.catalogue.wire import ProductOut, ProductWords
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole

_SELLER = member(MerchantRole.OWNER, MerchantRole.ASSISTANT)
_TAGS = ("catalogue",)
_PRICED = (PriceNotPositive, PriceNotPayable, CurrenciesDiffer)


@route(
    "PUT",
    "/v1/products/{product}",
    may=_SELLER,
    errors=(NoSuchProduct, EditedMeanwhile, NoSuchPicture),
    tags=_TAGS,
)
async def edit_product(call: Call, product: str, body: EditProduct) -> ProductOut:
    """Change what a product says of itself."""
    return await actions.edit_product(call.tx, product, body, by=call.who)


@route(
    "PUT",
    "/v1/products/{product}/options",
    may=_SELLER,
    errors=(
        NoSuchProduct,
        EditedMeanwhile,
        DimensionInUse,
        ExistingValueMissing,
        TooManyVariants,
        *_PRICED,
    ),
    tags=_TAGS,
)
async def edit_options(call: Call, product: str, body: EditOptions) -> ProductOut:
    """Change a product's dimensions and values, and make the variants that are new."""
    return await actions.edit_options(call.tx, product, body, by=call.who, now=call.now)


@route(
    "PUT",
    "/v1/products/{product}/variants",
    may=_SELLER,
    errors=(NoSuchProduct, EditedMeanwhile, NoSuchVariant, OptionsWrong, SkuTaken, *_PRICED),
    tags=_TAGS,
)
async def edit_variants(call: Call, product: str, body: EditVariants) -> ProductOut:
    """Change SKUs, weights, sizes and price lists of variants."""
    return await actions.edit_variants(call.tx, product, body, by=call.who, now=call.now)


@route(
    "GET",
    "/v1/products/{product}/notes",
    may=member(),
    errors=(NoSuchProduct,),
    tags=_TAGS,
)
async def notes(call: Call, product: str) -> list[NoteOut]:
    """What should be looked at before the product is sold."""
    shown = await queries.product(call.tx, product)
    call.who.must_act_for(shown.merchant)
    words = ProductWords.model_validate(
        shown.model_dump(include=set(ProductWords.model_fields))
    )
    return checks.notes(words, call.r.find(checks.KnownCodes))


ROUTES = [edit_product, edit_options, edit_variants, notes]
