"""The ways a bundle can fail."""

from livecommerce.kernel.errors import Invalid


class BundleWrong(Invalid):
    """A second-item price names one card, nth and percent; a bundle two cards or more, and an
    amount."""
