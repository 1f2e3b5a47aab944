"""How Stripe is asked: over a connection that does not get lost unnoticed, and with the
library's errors said in our words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from payments import stripe_words
from payments.gateway import Declined, NotAsked, OutcomeUnknown, Refused


class Client(stripe.AIOHTTPClient):
    """The library's aiohttp client, with two of its gaps closed.

    It takes a plain number of seconds, which aiohttp deprecates; and it reads the body
    outside its own error handling, so that a connection lost half-way through an answer
    would neither be retried nor look like a lost connection.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._timeout = self.aiohttp.ClientTimeout(total=seconds, sock_connect=5)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            return await super().request_async(method, url, headers, post_data)
        except (self.aiohttp.ClientError, TimeoutError, OSError) as lost:
            self._handle_request_error(lost)


@contextmanager
def in_our_words() -> Iterator[None]:
    """The library's errors, said in our words."""
    try:
        yield
    except stripe.CardError as error:
        raise Declined(reason=_reason(error)) from error
    except stripe.RateLimitError as error:
        raise NotAsked(reason="rate_limit") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NotAsked(reason=_reason(error)) from error
    except (stripe.APIConnectionError, stripe.IdempotencyError) as error:
        raise OutcomeUnknown(reason=_reason(error)) from error
    except stripe.InvalidRequestError as error:
        raise Refused(reason=_reason(error), param=error.param) from error
    except stripe.StripeError as error:  # their 5xx, and answers that are no JSON
        raise OutcomeUnknown(reason=_reason(error)) from error


def _reason(error: stripe.StripeError) -> str:
    told = error.error.to_dict() if error.error is not None else {}
    return stripe_words.failure_code(told) or type(error).__name__
