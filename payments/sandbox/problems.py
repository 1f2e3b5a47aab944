"""What goes wrong at Stripe, in the shape and words it answers with."""

from typing import Any


class StripeProblem(Exception):
    """A request that was not carried out.

    Args:
        began: whether it got as far as changing or deciding something. Answers to such
            requests are kept under their idempotency key; others may be tried afresh.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        began: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.began = began
        told = {"code": code, "message": message, "param": param, "type": type, **more}
        self.body = {"error": {name: v for name, v in told.items() if v is not None}}


def no_such(kind: str, id_: str, *, param: str = "id") -> StripeProblem:
    """An id that stands for nothing."""
    return StripeProblem(
        f"No such {kind}: '{id_}'", status=404, code="resource_missing", param=param
    )


def wrong_state(message: str, intent: dict[str, Any]) -> StripeProblem:
    """A payment intent that is past what was asked of it."""
    return StripeProblem(
        message, code="payment_intent_unexpected_state", began=True, payment_intent=intent
    )
