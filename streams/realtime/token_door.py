"""A door that goes by tokens and namespaces alone, for a gateway without an application."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from streams.realtime import codes, tokens
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.tokens import BadToken, Keys


class TokenDoor(ClosedDoor):
    """Lets in who has a token, and into channels who has a token for them.

    Args:
        keys: what tokens are checked with.
        now: the present moment.
        anonymous: whether those without a token may come, as nobody in particular.
        insecure: nothing is checked and nothing expires; for tests of clients.
    """

    def __init__(
        self,
        keys: Keys,
        now: Callable[[], datetime],
        *,
        anonymous: bool = False,
        insecure: bool = False,
    ) -> None:
        self._keys = keys
        self._now = now
        self._anonymous = anonymous or insecure
        self._insecure = insecure

    async def connect(self, want: ConnectWant) -> Admitted:
        """By a connection token."""
        if not want.token:
            if self._anonymous:
                return Admitted("")
            raise Disconnect(codes.MALFORMED)
        said = self._connection(want.token)
        return Admitted(
            user=said.user,
            info=said.info,
            expire_at=None if self._insecure else said.expire_at,
            subs=said.subs,
            meta=said.meta,
        )

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        """A newer token of the same user."""
        said = self._connection(token)
        if said.user != visitor.user:
            raise Disconnect(codes.INVALID_TOKEN)
        return None if self._insecure else said.expire_at

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        """By a subscription token of this user for this channel."""
        if token:
            return self._subscription(visitor, channel, token)
        if self._insecure:
            return Grant()
        raise ClientError(codes.PERMISSION_DENIED)

    async def sub_refresh(self, visitor: Visitor, channel: str, token: str) -> datetime | None:
        """A newer one."""
        return self._subscription(visitor, channel, token).expire_at

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        """There is no application that could answer."""
        raise ClientError(codes.NOT_AVAILABLE)

    def _connection(self, token: str) -> tokens.ConnectionClaims:
        try:
            return tokens.connection(self._keys, token, self._now())
        except BadToken:
            raise Disconnect(codes.INVALID_TOKEN) from None

    def _subscription(self, visitor: Visitor, channel: str, token: str) -> Grant:
        try:
            said = tokens.subscription(self._keys, token, self._now())
        except BadToken:
            raise ClientError(codes.PERMISSION_DENIED) from None
        if said.user != visitor.user or said.channel != channel:
            raise Disconnect(codes.INVALID_TOKEN)
        if said.client and said.client != visitor.client:
            raise Disconnect(codes.INVALID_TOKEN)
        return said.grant
