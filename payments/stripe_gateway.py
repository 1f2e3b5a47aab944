"""Stripe, through its official library."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

import orjson
import stripe
from stripe.params import (
    AccountCreateParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentUpdateParams,
    RefundCreateParams,
    TransferCreateParams,
)

from payments import stripe_outgoing, stripe_words
from payments.budget import Budget
from payments.errors import EndpointOff, Foreign, Forged, Stale, Unreadable
from payments.gateway import (
    Booking,
    Heard,
    ProviderMethod,
    ProviderPayment,
    ProviderRefund,
    Refused,
    WantedPayment,
    WantedRefund,
    WantedTap,
)
from payments.outgoing import (
    Holding,
    Line,
    ProviderAccount,
    ProviderDispute,
    ProviderReversal,
    ProviderTransfer,
    Unread,
    WantedAccount,
    WantedReversal,
    WantedTransfer,
)
from payments.rules import PER_SECOND, SIGNATURES_LAST
from payments.stripe_asking import Client, in_our_words

PAGE = 100  # things; the provider gives no more at once
TOO_OFTEN = 3  # times that one call is asked if the provider says that we ask too often

P = ParamSpec("P")
T = TypeVar("T")


class StripeGateway:
    """Our port, on Stripe.

    Args:
        key: the secret key; its mode (test or live) must be that of every webhook.
        base_url: where the sandbox listens; none for Stripe itself.
        webhook_secrets: one, and during a rotation two; none, or only empty ones, switch
            the endpoint off.
        connect_secrets: the same for the endpoint of connected accounts.
        per_second: this process's share of the budget per endpoint.
        seconds: how long one attempt may take.
        retries: further attempts with the same key, made by the library.
    """

    source = "stripe"

    def __init__(
        self,
        key: str,
        *,
        base_url: str | None = None,
        webhook_secrets: Sequence[str] = (),
        connect_secrets: Sequence[str] = (),
        per_second: int = PER_SECOND,
        seconds: float = 15.0,
        retries: int = 2,
    ) -> None:
        # At its debug level the library logs whole answers, client secrets among them.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._live = not key.startswith(("sk_test_", "rk_test_"))
        if self._live and base_url is not None:
            raise ValueError("a live key is only ever shown to Stripe itself")
        self._http = Client(seconds)
        client = stripe.StripeClient(
            key,
            base_addresses=None if base_url is None else {"api": base_url},
            http_client=self._http,
            max_network_retries=retries,
        )
        self._stripe = client.v1
        self._secrets = {
            False: [secret.strip() for secret in webhook_secrets if secret.strip()],
            True: [secret.strip() for secret in connect_secrets if secret.strip()],
        }
        self._budget = Budget(per_second)

    async def open(self, want: WantedPayment) -> ProviderPayment:
        params: PaymentIntentCreateParams = {
            "amount": stripe_words.checked_stripe_amount(want.amount),
            "currency": want.amount.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "description": want.description,
            "metadata": dict(want.details),
        }
        if want.account is not None and want.fee is not None:
            params["transfer_data"] = {"destination": want.account}
            if want.fee:
                params["application_fee_amount"] = stripe_words.stripe_amount(want.fee)
        made = await self._ask(
            self._stripe.payment_intents.create_async, params, {"idempotency_key": want.key}
        )
        return stripe_words.payment(made.to_dict())

    async def look(self, provider_id: str) -> ProviderPayment:
        found = await self._ask(self._stripe.payment_intents.retrieve_async, provider_id)
        return stripe_words.payment(found.to_dict())

    async def find(self, payment: str) -> ProviderPayment | None:
        query = f"metadata['payment']:'{payment}'"
        found = await self._ask(self._stripe.payment_intents.search_async, {"query": query})
        return stripe_words.payment(found.data[0].to_dict()) if found.data else None

    async def cancel(self, provider_id: str) -> ProviderPayment:
        try:
            gone = await self._ask(self._stripe.payment_intents.cancel_async, provider_id)
        except Refused as refused:
            if refused.facts.get("reason") != "payment_intent_unexpected_state":
                raise
            return await self.look(provider_id)
        return stripe_words.payment(gone.to_dict())

    async def know_payer(self, owner: str, *, key: str) -> str:
        made = await self._ask(
            self._stripe.customers.create_async,
            {"metadata": {"owner": owner}},
            {"idempotency_key": key},
        )
        return made.id

    async def keep_method(self, provider_id: str, customer: str, *, wanted: bool) -> None:
        # Of cards only: at the top it would take away the wallets that cannot be kept.
        params: PaymentIntentUpdateParams = {
            "customer": customer,
            "payment_method_options": {
                "card": {"setup_future_usage": "on_session" if wanted else ""}
            },
        }
        await self._ask(self._stripe.payment_intents.update_async, provider_id, params)

    async def tap(self, want: WantedTap) -> ProviderPayment:
        params: PaymentIntentConfirmParams = {
            "payment_method": want.provider_method,
            "return_url": want.back_to,
        }
        told = await self._ask(
            self._stripe.payment_intents.confirm_async,
            want.provider_payment,
            params,
            {"idempotency_key": want.key},
        )
        return stripe_words.payment(told.to_dict())

    async def let_go(self, provider_method: str) -> ProviderMethod:
        try:
            gone = await self._ask(self._stripe.payment_methods.detach_async, provider_method)
        except Refused:  # perhaps because nobody keeps it: look
            gone = await self._ask(self._stripe.payment_methods.retrieve_async, provider_method)
            if gone.customer is not None:
                raise
        return stripe_words.method(gone.to_dict())

    async def refund(self, want: WantedRefund) -> ProviderRefund:
        params: RefundCreateParams = {
            "payment_intent": want.provider_payment,
            "amount": stripe_words.checked_stripe_amount(want.amount),
            "reason": "requested_by_customer",
            "metadata": dict(want.details),
        }
        made = await self._ask(
            self._stripe.refunds.create_async, params, {"idempotency_key": want.key}
        )
        return stripe_words.refund(made.to_dict())

    async def find_refund(self, provider_payment: str, refund: str) -> ProviderRefund | None:
        asked = {"payment_intent": provider_payment}
        told = map(stripe_words.refund, await self._all(self._stripe.refunds.list_async, asked))
        return next((one for one in told if one.refund == refund), None)

    async def look_at_refund(self, provider_id: str) -> ProviderRefund:
        found = await self._ask(self._stripe.refunds.retrieve_async, provider_id)
        return stripe_words.refund(found.to_dict())

    async def booking(self, balance_transaction: str) -> Booking | Unread:
        line = await self._ask(
            self._stripe.balance_transactions.retrieve_async,
            balance_transaction,
            {"expand": ["source"]},
        )
        return stripe_outgoing.readable(stripe_words.booking, line.to_dict())

    async def open_account(self, want: WantedAccount) -> ProviderAccount:
        params: AccountCreateParams = {
            "country": want.country,
            "email": want.email,
            # We are answerable for losses and pay the fees; Stripe asks and pays out.
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"owner": want.owner},
        }
        made = await self._ask(
            self._stripe.accounts.create_async, params, {"idempotency_key": want.key}
        )
        return stripe_outgoing.account(made.to_dict())

    async def look_at_account(self, provider_id: str) -> ProviderAccount:
        found = await self._ask(self._stripe.accounts.retrieve_async, provider_id)
        return stripe_outgoing.account(found.to_dict())

    async def onboarding_page(self, account: str, *, back_to: str, again_at: str) -> str:
        link = await self._ask(
            self._stripe.account_links.create_async,
            {
                "account": account,
                "type": "account_onboarding",
                "return_url": back_to,
                "refresh_url": again_at,
            },
        )
        return link.url

    async def transfer(self, want: WantedTransfer) -> ProviderTransfer:
        params: TransferCreateParams = {
            "amount": stripe_words.checked_stripe_amount(want.amount),
            "currency": want.amount.currency.lower(),
            "destination": want.account,
            "transfer_group": want.group,
            "metadata": dict(want.details),
        }
        if want.charge is not None:
            params["source_transaction"] = want.charge
        made = await self._ask(
            self._stripe.transfers.create_async, params, {"idempotency_key": want.key}
        )
        return stripe_outgoing.transfer(made.to_dict())

    async def find_transfer(self, group: str, transfer: str) -> ProviderTransfer | None:
        found = await self._all(self._stripe.transfers.list_async, {"transfer_group": group})
        told = map(stripe_outgoing.transfer, found)
        return next((one for one in told if one.transfer == transfer), None)

    async def take_back(self, want: WantedReversal) -> str:
        amount = stripe_words.checked_stripe_amount(want.amount)
        made = await self._ask(
            self._stripe.transfers.reversals.create_async,
            want.provider_transfer,
            {"amount": amount, "metadata": dict(want.details)},
            {"idempotency_key": want.key},
        )
        return made.id

    async def find_reversal(
        self, provider_transfer: str, reversal: str
    ) -> ProviderReversal | None:
        ask = partial(self._stripe.transfers.reversals.list_async, provider_transfer)
        told = map(stripe_outgoing.reversal, await self._all(ask, {}))
        return next((one for one in told if one.reversal == reversal), None)

    async def answer_dispute(
        self, provider_id: str, evidence: Mapping[str, str], *, submit: bool
    ) -> ProviderDispute:
        told: Any = {"evidence": dict(evidence), "submit": submit}
        made = await self._ask(self._stripe.disputes.update_async, provider_id, told)
        return stripe_outgoing.dispute(made.to_dict())

    async def lines(self, since: datetime) -> Sequence[Line | Unread]:
        asked = {"created": {"gte": int(since.timestamp())}}
        told = await self._all(self._stripe.balance_transactions.list_async, asked)
        return [stripe_outgoing.readable(stripe_outgoing.line, x) for x in reversed(told)]

    async def holdings(self) -> Sequence[Holding | Unread]:
        told = await self._ask(self._stripe.balance.retrieve_async)
        return stripe_outgoing.holdings(told.to_dict())

    def hear(
        self, raw: bytes, signature: str, *, now: datetime, connected: bool = False
    ) -> Heard:
        secrets = self._secrets[connected]
        if not secrets:
            raise EndpointOff()
        if not any(_signed(raw, signature, secret) for secret in secrets):
            raise Forged()
        # The library would read the clock itself and accept any moment in the future.
        if abs(now.timestamp() - _timestamp(signature)) > SIGNATURES_LAST.total_seconds():
            raise Stale()
        try:
            event = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise Unreadable() from None
        return self._heard(event, connected=connected)

    async def said_since(
        self, since: datetime, *, account: str | None = None
    ) -> Sequence[Heard]:
        whose: stripe.RequestOptions = {"stripe_account": account} if account else {}
        asked = {"created": {"gte": int(since.timestamp())}}
        told = await self._all(self._stripe.events.list_async, asked, whose)
        if account is not None:  # asked on its behalf, events need not name it
            told = [{"account": account, **event} for event in told]
        return [self._heard(e, connected=account is not None) for e in reversed(told)]

    async def close(self) -> None:
        if self._http._cached_session is not None:  # closing would otherwise open one first
            await self._http.close_async()

    def _heard(self, event: Any, *, connected: bool = False) -> Heard:
        told = stripe_words.event(event)
        if told.livemode is not self._live or bool(told.account) is not connected:
            raise Foreign()
        return Heard(self.source, told.id, told.kind, told.said_at, told.body, told.account)

    async def _all(
        self,
        call: Callable[..., Coroutine[object, object, stripe.ListObject[Any]]],
        asked: Mapping[str, Any],
        options: stripe.RequestOptions | None = None,
    ) -> list[dict[str, Any]]:
        """The things of every page, newest first. Each page is asked for as anything else is:
        the library's own turning of pages knows no budget and gives up when told to wait."""
        found: list[dict[str, Any]] = []
        want = {**asked, "limit": PAGE}
        while True:
            page = await self._ask(call, want, options)
            found += [one.to_dict() for one in page.data]
            if not page.has_more or not page.data:
                return found
            want["starting_after"] = found[-1]["id"]

    async def _ask(
        self, call: Callable[P, Coroutine[object, object, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Wait for the budget and ask; asked too often all the same, wait and ask again, so
        that whoever was refused does not lose their place to all who came later."""
        endpoint = getattr(call, "func", call).__qualname__
        with in_our_words():
            left = TOO_OFTEN
            while True:
                await self._budget.take(endpoint)
                try:
                    return await call(*args, **kwargs)
                except stripe.RateLimitError:
                    self._budget.refused(endpoint)
                    left -= 1
                    if not left:
                        raise


def _signed(raw: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(raw, signature, secret, None))
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False  # not UTF-8, not ASCII, not a header: nothing Stripe would sign


def _timestamp(signature: str) -> int:
    parts = (part.partition("=") for part in signature.split(","))
    return next(int(value) for name, _, value in parts if name == "t")
