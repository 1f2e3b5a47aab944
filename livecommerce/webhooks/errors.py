"""The ways webhooks can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound


class NoSuchEndpoint(NotFound):
    """There is no such webhook endpoint."""


class NoSuchDelivery(NotFound):
    """There is no such delivery."""


class NoSuchEventType(NotFound):
    """There is no such event type."""


class UnknownEventTypes(Invalid):
    """Some of the chosen event types do not exist."""


class AddressRefused(Invalid):
    """This address cannot be an endpoint."""


class TooManyEndpoints(Conflict):
    """So many endpoints are enough; remove one first."""


class EndpointOff(Conflict):
    """The endpoint is switched off; switch it on first."""
