"""One request's hands on the sandbox's state: ids, events, and things to do later."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from payments.sandbox import store
from payments.sandbox.settings import API_VERSION, SandboxSettings
from payments.sandbox.store import Thing
from payments.sandbox.switches import Switches

_DELIVER = sa.text(
    "INSERT INTO stripe_sandbox.delivery (event, endpoint, at, done, note)"
    " VALUES (:event, :endpoint, :at, :done, :note)"
)


def random_part(length: int = 24) -> str:
    """What Stripe puts after a prefix: letters and digits that tell nothing."""
    raw = base64.b64encode(secrets.token_bytes(length * 2)).decode()
    return "".join(char for char in raw if char.isalnum())[:length]


@dataclass(slots=True)
class Work:
    """Everything an operation may touch. It ends with the transaction.

    ``trusted`` is False for whoever only has the publishable key, as pages do.
    """

    tx: Tx
    now: float
    settings: SandboxSettings
    switches: Switches
    trusted: bool = True
    request: str | None = None
    key: str | None = None
    account: str | None = None
    """On whose behalf, if it is a connected account's."""
    stirred: bool = field(default=False, init=False)
    """Whether there is now something to deliver or to do later."""

    @property
    def second(self) -> int:
        return int(self.now)

    def id(self, prefix: str) -> str:
        """A fresh id, spelt as at Stripe."""
        return f"{prefix}_{random_part()}"

    async def get(self, kind: str, id_: str, *, lock: bool = False, param: str = "id") -> Thing:
        """The object.

        Raises:
            StripeProblem: there is none.
        """
        return await store.get(self.tx, kind, id_, lock=lock, param=param)

    async def put(self, thing: Thing) -> dict[str, Any]:
        """Keep the object as it now is."""
        await store.put(self.tx, thing)
        return thing.body

    async def later(self, seconds: float, act: str, thing: str) -> None:
        """Have something done to the object when that much time has passed."""
        query = sa.text(
            "INSERT INTO stripe_sandbox.due (at, act, thing) VALUES (:at, :act, :thing)"
        )
        at = self.now + seconds
        await self.tx.execute(query, {"at": at, "act": act, "thing": thing})
        self.stirred = True

    async def tell(self, kind: str, body: dict[str, Any], **previous: Any) -> None:
        """Make the event of a change, and deliver it to every endpoint that listens."""
        await self._tell(kind, body, previous, None)

    async def tell_account(self, account: str, kind: str, body: dict[str, Any]) -> None:
        """The same for what happens on a connected account: its endpoints are others."""
        await self._tell(kind, body, {}, account)

    async def _tell(
        self, kind: str, body: dict[str, Any], previous: dict[str, Any], account: str | None
    ) -> None:
        data: dict[str, Any] = {"object": body}
        if previous:
            data["previous_attributes"] = previous
        endpoints = [
            endpoint
            for endpoint in await store.kept(self.tx, "webhook_endpoint")
            if endpoint.body["status"] == "enabled"
            and bool(endpoint.hidden.get("connect")) is (account is not None)
            and {"*", kind} & set(endpoint.body["enabled_events"])
        ]
        id_ = self.id("evt")
        event = {
            "id": id_,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.second,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": self.request, "idempotency_key": self.key},
            "type": kind,
        }
        if account is not None:
            event["account"] = account
        await self.put(Thing(event))
        for endpoint in endpoints:
            await self.deliver(id_, endpoint.id)

    async def deliver(self, event: str, endpoint: str) -> None:
        """Put an event on its way, as the switches say."""
        plan = self.switches.webhooks
        dropped = plan.take_drop()
        row = {"event": event, "endpoint": endpoint, "done": dropped}
        row |= {"at": self.now + plan.delay, "note": "dropped" if dropped else ""}
        await self.tx.execute(_DELIVER, [row] * (1 if dropped else max(1, plan.copies)))
        self.stirred = True
