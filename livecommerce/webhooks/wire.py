"""Webhook endpoints and deliveries as clients see them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from livecommerce.kernel.clock import Instant
from livecommerce.web.wire import Wire
from livecommerce.webhooks.rules import DeliveryState, EndpointState, OffBecause

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(max_length=200)]
Choices = Annotated[list[str], Field(min_length=1, max_length=100)]

_URL = Field(examples=["https://erp.jinmian.example/hooks/livecommerce"])
_ID = Field(examples=["whe_01kbr0e7x4f9v8c2m6q3t5w101"])
_CHOICES = Field(
    examples=[["orders.*", "live_sessions.ended"]],
    description="event types by name, or whole topics such as `orders.*`",
)
_SECRET = Field(
    examples=["whsec_ZXhhbXBsZSBzZWNyZXQsIG9wZW5zIG5vdGhpbmcgYXQgYWxs"],
    description="what deliveries are signed with; shown this once",
)
_DELIVERY = Field(examples=["whd_01kbr0e7x4f9v8c2m6q3t5w101"])
_EVENT = Field(examples=["evt_01kbr0e7x4f9v8c2m6q3t5w101"])
_KIND = Field(examples=["orders.paid"])


class EventTypeOut(Wire):
    """Something that endpoints can hear of."""

    type: str = _KIND
    topic: str = Field(examples=["orders"])
    says: str = Field(examples=["An order is paid; its goods are sold and may be shipped."])
    schema_at: str = Field(examples=["/v1/webhook-types/orders.paid/schema"])


class MakeEndpoint(Wire):
    """A wish for an endpoint: a merchant's, or (without one) the centre's."""

    merchant: str | None = None
    url: Url = _URL
    note: Note = Field(default="", examples=["ERP"])
    events: Choices = _CHOICES


class ChangeEndpoint(Wire):
    """What shall be otherwise; what is left out stays."""

    url: Url | None = Field(default=None, examples=["https://erp.jinmian.example/hooks/new"])
    note: Note | None = Field(default=None, examples=["ERP"])
    events: Choices | None = Field(default=None, examples=[["orders.*"]])
    on: bool | None = Field(default=None, examples=[True])


class EndpointOut(Wire):
    """An endpoint without its secret."""

    id: str = _ID
    merchant: str | None
    url: str = _URL
    note: str = Field(examples=["ERP"])
    events: list[str] = _CHOICES
    state: EndpointState
    off_because: OffBecause | None = Field(examples=[None])
    failing_since: datetime | None = Field(examples=[None])
    old_secret_until: datetime | None = Field(examples=[None])
    made_at: datetime = Field(examples=["2026-11-16T02:30:00Z"])
    waiting: int = Field(examples=[0], description="deliveries that are still to be made")


class MadeEndpoint(EndpointOut):
    """A new endpoint with its secret."""

    secret: str = _SECRET


class RotateSecret(Wire):
    """For how long the old secret signs beside the new one; 0 if it has leaked."""

    overlap_hours: int = Field(default=24, ge=0, le=168)


class MadeSecret(Wire):
    """The new secret."""

    secret: str = _SECRET
    old_secret_until: datetime | None = Field(examples=["2026-11-24T11:00:00Z"])


class DeliveryOut(Wire):
    """One event to one endpoint, with its last try."""

    id: str = _DELIVERY
    event: str = _EVENT
    type: str = _KIND
    state: DeliveryState = Field(examples=["delivered"])
    replay: bool
    tries: int = Field(examples=[1])
    made_at: datetime = Field(examples=["2026-11-23T11:07:00Z"])
    next_at: datetime | None = Field(examples=[None], description="of the next try")
    ended_at: datetime | None = Field(examples=["2026-11-23T11:07:01Z"])
    status: int | None = Field(examples=[204])
    error: str | None = Field(examples=[None])
    ms: int | None = Field(examples=[41])


class AttemptOut(Wire):
    """One try. ``status`` is what the receiver said; ``error`` why nobody said anything."""

    number: int = Field(examples=[1])
    at: datetime = Field(examples=["2026-11-23T11:07:01Z"])
    status: int | None = Field(examples=[204])
    error: str | None = Field(examples=[None])
    ms: int = Field(examples=[41])
    response: str = Field(examples=[""], description="the beginning of the receiver's answer")


class DeliveryDetail(DeliveryOut):
    """A delivery with what was sent and every try, the last one first."""

    body: dict[str, Any] = Field(
        examples=[
            {
                "type": "orders.delivered",
                "timestamp": "2026-11-30T09:00:00Z",
                "data": {
                    "merchant": "mer_01kbr0e7x4f9v8c2m6q3t5w101",
                    "live_session": None,
                    "sequence": None,
                    "order": "ord_01kbr0e7x4f9v8c2m6q3t5w101",
                    "consignment": "cns_01kbr0e7x4f9v8c2m6q3t5w101",
                },
            }
        ]
    )
    attempts: list[AttemptOut]


class Replay(Wire):
    """Which events shall be sent again: those told in ``[since, until)``."""

    since: Instant = Field(examples=["2026-11-23T11:00:00Z"])
    until: Instant = Field(examples=["2026-11-23T13:00:00Z"])
    only_missed: bool = Field(
        default=True, description="leave out those that the endpoint has taken"
    )

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until <= self.since:
            raise ValueError("the time range ends before it starts")
        return self


class Replayed(Wire):
    """How many events are on their way again, and up to when; if that is not as far as was
    asked, ask for the rest."""

    deliveries: int = Field(examples=[12])
    until: datetime = Field(examples=["2026-11-23T13:00:00Z"])
