"""Facts: what happened, told by the one who made it true to whoever cares."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

_BY_TOPIC: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """A fact in the past tense. It carries ids and absolute values, so hearing it twice is
    harmless, and it never changes once told.

    ``topic`` is the feature and the class name: ``orders.OrderPaid``.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)
    topic: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        places = [p for p in cls.__module__.split(".") if p not in {"livecommerce", "events"}]
        cls.topic = ".".join([*places, cls.__name__])
        _BY_TOPIC[cls.topic] = cls


def of_topic(topic: str) -> type[Event] | None:
    """The class that was stored under this topic, if this version still knows it."""
    return _BY_TOPIC.get(topic)
