"""The ways a cart can refuse."""

from livecommerce.kernel.errors import Conflict, NotFound


class CartFull(Conflict):
    """No more lines fit into the cart; buy or remove some first."""


class NoSuchItem(NotFound):
    """There is no such line in the cart."""


class BeingBought(Conflict):
    """Some lines are being bought at this moment, perhaps on another device of yours."""


class BoughtAlready(Conflict):
    """Some lines were bought already and are set aside for you."""


class NotInCart(Conflict):
    """The cart has changed: some lines are not in it, or fewer of them."""


class NotAllToBeHad(Conflict):
    """Some lines cannot be had as they are; nothing was set aside.

    ``lines`` names each with ``why``: ``withdrawn`` (not sold there any more), ``price`` (the
    price has changed, to ``price``), ``short`` (only ``left`` are left), or ``limit`` (one
    buyer may have no more than ``most``).
    """
