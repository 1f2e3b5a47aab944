"""Pictures over HTTP."""

from livecommerce.catalogue.errors import NotAPicture, PictureTooLarge
from livecommerce.catalogue.pictures import actions
from livecommerce.catalogue.pictures.making import MOST_BYTES
from livecommerce.catalogue.pictures.wire import PictureOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from livecommerce.web.upload import TAKES, NoFile, read_file

_SELLERS = (MerchantRole.OWNER, MerchantRole.ASSISTANT)


@route(
    "POST",
    "/v1/merchants/{merchant}/pictures",
    status=201,
    may=member(*_SELLERS),
    errors=(NoFile, NotAPicture, PictureTooLarge),
    tags=("catalogue",),
    tx=False,
    takes=TAKES,
)
async def add_picture(call: Call, merchant: str) -> PictureOut:
    """Send a picture, to be shown with products: JPEG, PNG, WebP, GIF, TIFF or BMP."""
    call.who.must_act_for(merchant, *_SELLERS)
    sent = await read_file(call.request, most=MOST_BYTES)
    folder = call.r.settings.data_dir / "pictures"
    return await actions.add_picture(
        call.r.db, merchant, sent.content, folder, by=call.who, now=call.now
    )


ROUTES = [add_picture]
