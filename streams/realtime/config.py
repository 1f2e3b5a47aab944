"""The configuration file of a gateway that stands alone, in the words of Centrifugo's.

An unknown key is an error, so that nothing is believed to be set that is not. JSON or TOML.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from streams.realtime.options import Limits, Namespace, Options, RecoveryMode
from streams.realtime.tokens import Keys

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _seconds(value: object) -> object:
    """``300``, ``"300s"``, ``"1h30m"``."""
    if not isinstance(value, str):
        return value
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ValueError("a duration is a number and one of ms, s, m, h")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Token(_Part):
    """What tokens are checked with; public keys as PEM."""

    hmac_secret_key: str = Field(default="", repr=False)
    rsa_public_key: str = ""
    ecdsa_public_key: str = ""
    audience: str = ""
    issuer: str = ""


class Personal(_Part):
    """``#user`` channels, which can do what the channels of a namespace can."""

    enabled: bool = False
    personal_channel_namespace: str = ""


class Client(_Part):
    """Who may connect, and what one connection may cost. ``insecure`` is for tests of
    clients: whoever comes may do anything that channels can do, and for as long as they
    like."""

    token: Token = Token()
    allowed_origins: frozenset[str] = frozenset()
    allow_anonymous_connect_without_token: bool = False
    insecure: bool = False
    subscribe_to_user_personal_channel: Personal = Personal()
    ping_interval: Seconds = 25.0
    pong_timeout: Seconds = 8.0
    stale_close_delay: Seconds = 10.0
    expired_close_delay: Seconds = 25.0
    channel_limit: Count = 128
    queue_max_size: Count = 1 << 20
    message_size_limit: Count = 65536
    user_connection_limit: Count = 0
    address_connection_limit: Count = 0
    accepts_per_second: Count = 5000
    accepts_burst: Count = 10_000
    commands_per_second: Count = 100
    commands_burst: Count = 300
    recovery_max_publication_limit: Count = 300


class ChannelOptions(_Part):
    """What channels of a namespace can do. ``delta_publish`` is understood and implied: who
    negotiated deltas gets them. ``conflate`` is ours."""

    presence: bool = False
    join_leave: bool = False
    force_push_join_leave: bool = False
    history_size: Count = 0
    history_ttl: Seconds = 0.0
    force_positioning: bool = False
    force_recovery: bool = False
    force_recovery_mode: RecoveryMode = RecoveryMode.STREAM
    allowed_delta_types: frozenset[Literal["fossil"]] = frozenset()
    delta_publish: bool = False
    allow_subscribe_for_client: bool = False
    allow_user_limited_channels: bool = False
    allow_publish_for_subscriber: bool = False
    allow_publish_for_client: bool = False
    allow_presence_for_subscriber: bool = False
    allow_presence_for_client: bool = False
    allow_history_for_subscriber: bool = False
    allow_history_for_client: bool = False
    conflate: Seconds = 0.0

    def namespace(self) -> Namespace:
        """In the gateway's own words."""
        return Namespace(
            history_size=self.history_size,
            history_ttl=self.history_ttl,
            force_positioning=self.force_positioning,
            force_recovery=self.force_recovery,
            recovery_mode=self.force_recovery_mode,
            presence=self.presence,
            join_leave=self.join_leave,
            force_push_join_leave=self.force_push_join_leave,
            open_to_all=self.allow_subscribe_for_client,
            user_limited=self.allow_user_limited_channels,
            publish_for_subscriber=self.allow_publish_for_subscriber,
            presence_for_subscriber=self.allow_presence_for_subscriber,
            history_for_subscriber=self.allow_history_for_subscriber,
            publish_for_client=self.allow_publish_for_client,
            presence_for_client=self.allow_presence_for_client,
            history_for_client=self.allow_history_for_client,
            delta="fossil" in self.allowed_delta_types,
            conflate=self.conflate,
        )


class NamedOptions(ChannelOptions):
    """The same with the namespace's name."""

    name: str = Field(pattern=r"^[-a-zA-Z0-9_.]{2,}$")


class Channels(_Part):
    """Namespaces, and the channels without one."""

    without_namespace: ChannelOptions = ChannelOptions()
    namespaces: tuple[NamedOptions, ...] = ()
    max_length: Count = 255
    history_meta_ttl: Seconds = 30 * 86400.0

    def all(self) -> dict[str, Namespace]:
        """By name; that of the channels without one is empty."""
        named = {options.name: options.namespace() for options in self.namespaces}
        return {"": self.without_namespace.namespace(), **named}


class Redis(_Part):
    """Where several gateways meet: ``redis://``, ``rediss://``, ``redis+sentinel://`` or
    ``redis+cluster://``."""

    address: str = "redis://127.0.0.1:6379"
    prefix: str = "rooms"


class Engine(_Part):
    """Who orders and keeps publications."""

    type: Literal["memory", "redis"] = "memory"
    redis: Redis = Redis()


class HttpServer(_Part):
    """Where it listens. ``trusted_proxies`` are believed about whom they speak for."""

    address: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    trusted_proxies: frozenset[str] = frozenset()


class HttpApi(_Part):
    """The server API; without a key there is none."""

    key: str = Field(default="", repr=False)


class Shutdown(_Part):
    """Viewers are sent away over so many seconds."""

    drain: Seconds = 5.0


class Config(_Part):
    """Everything a gateway of its own is told."""

    http_server: HttpServer = HttpServer()
    client: Client = Client()
    channel: Channels = Channels()
    http_api: HttpApi = HttpApi()
    engine: Engine = Engine()
    shutdown: Shutdown = Shutdown()

    def options(self) -> Options:
        """For the hub."""
        client, namespaces = self.client, self.channel.all()
        if client.insecure:
            namespaces = {name: _unguarded(one) for name, one in namespaces.items()}
        personal = client.subscribe_to_user_personal_channel
        return Options(
            namespaces=namespaces,
            personal=namespaces[personal.personal_channel_namespace]
            if personal.enabled
            else None,
            origins=client.allowed_origins,
            proxies=self.http_server.trusted_proxies,
            limits=Limits(
                ping_interval=client.ping_interval,
                pong_timeout=client.pong_timeout,
                stale=client.stale_close_delay,
                expiry_grace=client.expired_close_delay,
                message_bytes=client.message_size_limit,
                channel_length=self.channel.max_length,
                channels_per_client=client.channel_limit,
                recovery=client.recovery_max_publication_limit,
                queue_bytes=client.queue_max_size,
                commands_per_second=client.commands_per_second,
                commands_burst=client.commands_burst,
                connections_per_user=client.user_connection_limit,
                connections_per_address=client.address_connection_limit,
                accepts_per_second=client.accepts_per_second,
                accepts_burst=client.accepts_burst,
                drain=self.shutdown.drain,
                meta_ttl=self.channel.history_meta_ttl,
            ),
        )

    def keys(self) -> Keys:
        """For tokens."""
        token = self.client.token
        return Keys(
            secret=token.hmac_secret_key,
            rsa=token.rsa_public_key,
            ecdsa=token.ecdsa_public_key,
            audience=token.audience,
            issuer=token.issuer,
        )


def _unguarded(namespace: Namespace) -> Namespace:
    """The same where anybody may do anything that its channels can do."""
    return replace(
        namespace,
        open_to_all=True,
        publish_for_client=True,
        presence_for_client=True,
        history_for_client=True,
    )


def read(path: Path) -> Config:
    """The configuration in a file.

    Raises:
        ValueError: it is not one; the message says where.
    """
    raw = path.read_bytes()
    said: Any = tomllib.loads(raw.decode()) if path.suffix == ".toml" else orjson.loads(raw)
    return Config.model_validate(said)
