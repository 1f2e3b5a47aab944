"""Every knob of the product, read once from the environment (``LC_`` prefix)."""

import contextlib
import secrets
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from livecommerce.networks import Networks


class Environment(StrEnum):
    """Where this runs; production refuses every stand-in."""

    DEMO = "demo"
    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _networks(given: object) -> object:
    return Networks.read(given) if isinstance(given, str | tuple | list) else given


SELLS_IN = (
    *("AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "HKD", "JPY"),
    *("KRW", "MXN", "MYR", "NOK", "NZD", "PLN", "SEK", "SGD", "THB", "USD"),
)
"""The currencies of the countries that the pages ship to, and our own."""


def _listed(given: object) -> object:
    return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given


SHORTEST_SECRET = 32  # characters; the runbook's command makes 64

_NEEDED = (
    *("database_url", "secret"),
    *("stripe_key", "stripe_publishable_key", "stripe_webhook_secret"),
)


class Settings(BaseSettings):
    """What an operator can turn. Everything has a default that works on one machine."""

    # A name with nothing behind it, as in an example that was only half filled in, is not set.
    model_config = SettingsConfigDict(
        env_prefix="LC_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    env: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    data_dir: Path = Path(".data")
    secret: SecretStr | None = None
    trusted_proxies: Annotated[InstanceOf[Networks], NoDecode, BeforeValidator(_networks)] = (
        Networks()
    )
    """Our own reverse proxies (addresses and networks, with commas): what they say in
    ``X-Forwarded-For`` is believed, nobody else's word."""
    metrics_key: SecretStr | None = None
    log_format: str = Field(default="lines", pattern="^(lines|json)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    database_url: str | None = None
    redis_url: str | None = None

    gateway_url: str | None = None
    gateway_key: SecretStr | None = None
    centrifugo_url: str | None = None
    connections_per_user: int = Field(default=20, ge=0)
    connections_per_address: int = Field(default=500, ge=0)
    """In the rooms of one web process; 0: without end. A user is an account or a guest's
    device; an address may be a school, or some hundreds of a carrier's subscribers."""

    media_control_url: str | None = None
    rtmp_url: str | None = None
    rtmp_host: str | None = None
    rtmp_port: int = Field(default=0, ge=0, le=65535)
    hook_url: str | None = None

    stripe_key: SecretStr | None = None
    stripe_publishable_key: str | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_connect_secret: SecretStr | None = None
    stripe_base_url: str | None = None

    customs_url: str | None = None
    customs_desk: Path | None = None
    smtp_url: str | None = None
    mail_url: str | None = None
    mail_from: str = "shop@livecommerce.example"

    word_file: Path | None = None

    claim_limit: int = Field(default=10, ge=1)
    household_limit: int = Field(default=20, ge=1)
    hold_lasts: timedelta = timedelta(minutes=10)
    pay_within: timedelta = timedelta(minutes=10)
    commission_bps: int = Field(default=500, ge=0, le=10_000)
    return_within: timedelta = Field(default=timedelta(days=30), ge=timedelta(days=14))
    rates_on: date | None = None
    rates_url: str | None = None
    rates_last: timedelta = Field(default=timedelta(days=45), ge=timedelta(days=4))
    sells_in: Annotated[
        tuple[Annotated[str, Field(pattern="^[A-Z]{3}$")], ...],
        NoDecode,
        BeforeValidator(_listed),
        Field(min_length=1),
    ] = SELLS_IN
    """What buyers may pay in (with commas); nothing is quoted in any other currency."""
    books_currency: str = Field(default="CNY", pattern="^[A-Z]{3}$")

    webhook_hosts: tuple[str, ...] = ()
    webhook_log_kept: timedelta = timedelta(days=30)

    @field_validator(
        "secret", "gateway_key", "metrics_key", *(name for name in _NEEDED if "stripe" in name)
    )
    @classmethod
    def _said(cls, value: SecretStr | str | None) -> SecretStr | str | None:
        """Blanks are no secret; whoever guesses what signs cookies is anybody they like."""
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None and not plain.replace(",", " ").strip():
            raise ValueError("must not be blank")
        return value

    @field_validator("secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().strip()) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _honest(self) -> Self:
        """Production runs on real peers only."""
        if self.env is Environment.PRODUCTION:
            missing = [name for name in _NEEDED if getattr(self, name) is None]
            if missing:
                names = ", ".join(f"LC_{name.upper()}" for name in missing)
                raise ValueError(f"production needs {names}")
            if self.stripe_base_url is not None:
                raise ValueError("production does not run on the payment sandbox")
            if self._stripe_modes() != {"live"}:
                raise ValueError("production takes live Stripe keys, no test or sandbox keys")
        elif len(self._stripe_modes()) > 1:
            raise ValueError("LC_STRIPE_KEY and LC_STRIPE_PUBLISHABLE_KEY are of two modes")
        return self

    def _stripe_modes(self) -> set[str]:
        """Of which modes the keys are that are set: ``live``, ``test``, or unknown."""
        secret = self.stripe_key.get_secret_value() if self.stripe_key is not None else None
        keys = [key for key in (secret, self.stripe_publishable_key) if key is not None]
        return {key.split("_")[1] if key.count("_") > 1 else "unknown" for key in keys}

    @property
    def element_key(self) -> str | None:
        """With which the provider's own payment element is loaded; none on the sandbox."""
        return None if self.stripe_base_url is not None else self.stripe_publishable_key

    @property
    def is_demo(self) -> bool:
        """Whether sign-ins may be shown and rates are pinned."""
        return self.env is Environment.DEMO

    def room_key(self) -> str:
        """What the rooms' server API knows us by: given, or made once and kept (0600)."""
        if self.gateway_key is not None:
            return self.gateway_key.get_secret_value()
        return kept_secret(self.data_dir, "gateway-key")

    def secret_key(self) -> str:
        """What tokens and cookies are signed with: given, or made once and kept (0600)."""
        if self.secret is not None:
            return self.secret.get_secret_value()
        return kept_secret(self.data_dir, "secret")


@cache
def kept_secret(folder: Path, name: str) -> str:
    """A random secret made once and kept beside the data, for its owner's eyes only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with contextlib.suppress(FileExistsError):
        # Written aside and linked, so that two processes never read half of it.
        aside = folder / f".{name}-{secrets.token_hex(8)}"
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(aside)
        finally:
            aside.unlink()
    return path.read_text()
