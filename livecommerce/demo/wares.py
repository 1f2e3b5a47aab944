"""Everything the demo sells."""

from livecommerce.demo.bedlinen import BED_LINEN
from livecommerce.demo.fabrics import FABRICS
from livecommerce.demo.quilts import QUILTS

GOODS = [*BED_LINEN, *QUILTS, *FABRICS]
