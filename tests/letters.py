"""A letter box in place of the mailer, for tests of who is written what."""

from types import SimpleNamespace
from typing import Any

from livecommerce.kernel.db import Database


class Post:
    """Keeps what it is asked to send: recipient, subject, text and key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str]] = []

    async def send(self, to: str, subject: str, text: str, *, key: str, **_: Any) -> None:
        self.asked.append((to, subject, text, key))

    @property
    def sent(self) -> dict[str, tuple[str, str, str]]:
        """What goes out, in order: of each key the first."""
        found: dict[str, tuple[str, str, str]] = {}
        for to, subject, text, key in self.asked:
            found.setdefault(key, (to, subject, text))
        return found


def resources(db: Database, post: Post) -> Any:
    """What a job that writes a letter needs."""
    return SimpleNamespace(
        db=db,
        mail=post,
        public_url="https://shop.example",
        settings=SimpleNamespace(secret_key=lambda: "s" * 40),
    )
