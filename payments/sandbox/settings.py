"""The sandbox's knobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

API_VERSION = "2026-10-28.endive"
"""The version that the pinned library speaks; a test compares the two."""


class NotASandbox(ValueError):
    """The sandbox was asked to stand where real money is."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How one sandbox is set up. Every key it takes must look like a test key.

    Args:
        database_url: a PostgreSQL database of its own; it makes its own schema in there.
        secret_key, publishable_key: what it accepts, as ``sk_test_…`` and ``pk_test_…``.
        webhook_url, webhook_secret: an endpoint it delivers to from the start, besides
            those made through the API; none, no such endpoint.
        connect_url, connect_secret: the same for what happens on connected accounts.
        page_origin: what to put before ``/sandbox/…`` in the addresses of its pages; empty
            for addresses relative to whatever origin the browser sees.
        per_second: requests per endpoint and second before it answers 429.
        book_after, available_after, wallet_takes: seconds from a payment to its booking,
            from its booking to its availability, and from a wallet's yes to success.
        pay_out_after, bank_takes: seconds from a transfer to the account's payout, and from
            any payout to its bank's answer.
        converts: currencies that it settles in another one, and by Stripe's ``exchange_rate``
            (between their integers); all others are kept as they come.
        hang_seconds: how long a request that is told to hang stays unanswered.
        runs_itself: whether due work is done as time passes; otherwise only when told to.
        page_switches: whether the state page lets people switch faults on.
        production: refuse to exist, unless ``forced``.
    """

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    publishable_key: str
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    connect_url: str | None = None
    connect_secret: str | None = field(default=None, repr=False)
    page_origin: str = ""
    country: str = "HK"
    per_second: int = 25
    book_after: int = 1
    available_after: int = 2 * 24 * 3600
    wallet_takes: int = 2
    pay_out_after: int = 24 * 3600
    bank_takes: int = 2 * 24 * 3600
    converts: Mapping[str, tuple[str, Decimal]] = field(default_factory=dict)
    hang_seconds: float = 60.0
    runs_itself: bool = True
    page_switches: bool = False
    production: bool = False
    forced: bool = False

    def __post_init__(self) -> None:
        if not self.secret_key.startswith("sk_test_"):
            raise NotASandbox("the sandbox takes only a secret key that begins sk_test_")
        if not self.publishable_key.startswith("pk_test_"):
            raise NotASandbox("the sandbox takes only a publishable key that begins pk_test_")
        if self.production and not self.forced:
            raise NotASandbox("the sandbox does not run in production")
        platform = self.webhook_url is not None and not self.webhook_secret
        if platform or (self.connect_url is not None and not self.connect_secret):
            raise NotASandbox("a webhook endpoint needs a secret to sign with")
