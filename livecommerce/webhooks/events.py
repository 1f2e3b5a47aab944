"""What webhooks tell inside the house."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class EndpointSwitchedOff(Event):
    """Nothing got through for days (or the receiver said it is gone): nothing more is sent."""

    endpoint: str
    merchant: str | None
    because: str
    at: Instant
