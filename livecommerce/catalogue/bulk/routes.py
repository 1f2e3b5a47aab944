"""Bulk edits over HTTP."""

from livecommerce.catalogue.bulk import actions
from livecommerce.catalogue.bulk.wire import BulkEdit, BulkOut
from livecommerce.catalogue.errors import (
    NoSuchLocation,
    NoSuchProduct,
    PlanChanged,
    StockShort,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole


@route(
    "POST",
    "/v1/merchants/{merchant}/bulk-edits",
    may=member(MerchantRole.OWNER, MerchantRole.ASSISTANT),
    errors=(NoSuchProduct, NoSuchLocation, PlanChanged, StockShort),
    tags=("catalogue",),
)
async def edit_many(call: Call, merchant: str, body: BulkEdit) -> BulkOut:
    """Look at, and then do, the same change to many products."""
    return await actions.edit_many(call.tx, merchant, body, by=call.who, now=call.now)


ROUTES = [edit_many]
