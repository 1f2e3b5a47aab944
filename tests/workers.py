"""How tests are spread over workers (``-n``): whole products keep to one of them."""

from xdist.scheduler import LoadScopeScheduling

PRODUCTS = ("tests/journeys/", "tests/browser/")


class ByKind(LoadScopeScheduling):
    """What starts whole products and browsers is one worker's, so that only one of
    them runs at a time; the other workers take the rest, file by file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "products" if file.startswith(PRODUCTS) else file
