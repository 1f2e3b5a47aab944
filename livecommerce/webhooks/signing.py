"""Secrets and signatures after Standard Webhooks (https://www.standardwebhooks.com, v1)."""

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook


def secret_of(root: str, endpoint: str, generation: int) -> str:
    """An endpoint's secret of that generation: ``whsec_`` and 256 bits.

    It is derived from the installation's one secret, so a copy of the database holds none.
    """
    keyed = hmac.digest(root.encode(), b"webhook", "sha256")
    made = hmac.digest(keyed, f"{endpoint} {generation}".encode(), "sha256")
    return f"whsec_{base64.b64encode(made).decode()}"


def signed(secrets: Iterable[str], *, event: str, body: str, now: datetime) -> dict[str, str]:
    """The headers that prove who sends the body, with one signature for each secret."""
    signatures = [Webhook(s).sign(msg_id=event, timestamp=now, data=body) for s in secrets]
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
