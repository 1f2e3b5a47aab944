"""What identity tells."""

from livecommerce.kernel.events import Event


class GuestMerged(Event):
    """A guest signed in; what the guest held now belongs to the person."""

    guest: str
    person: str


class KeyRevoked(Event):
    """An API key no longer opens anything."""

    key: str
