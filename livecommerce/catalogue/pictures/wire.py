"""Pictures as clients see them."""

from livecommerce.web.wire import Wire


class PictureOut(Wire):
    """A picture that may be shown with products from now on."""

    picture: str
    """Its address, 800 dots wide; with 320 or 1600 in the place of 800, the other widths."""
    width: int
    height: int
