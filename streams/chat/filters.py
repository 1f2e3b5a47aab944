"""What a text is held against before the room hears it: a port, and the word lists behind it.

Another filter (a service that scores texts, a model) implements :class:`Filter` and is handed
to ``Chat``; when it cannot answer, it says what becomes of the message by what it returns.
"""

from collections.abc import Iterable
from typing import Protocol

from livecommerce.kernel.db import Database
from streams.chat import queries
from streams.chat.words import Verdict, Word, WordList


class Filter(Protocol):
    """Judges what viewers write."""

    async def judge(self, owner: str, text: str) -> Verdict:
        """What becomes of the text in the rooms of this owner."""
        ...


class WordLists:
    """The word lists of owners, and those that hold everywhere. A list is read when it is
    first needed, and again when it was changed.

    Args:
        everywhere: words that are not said in anybody's rooms, besides those stored.
    """

    def __init__(self, db: Database, *, everywhere: Iterable[Word] = ()) -> None:
        self._db = db
        self._everywhere = tuple(everywhere)
        self._lists: dict[str, WordList] = {}

    async def judge(self, owner: str, text: str) -> Verdict:
        """By the owner's list and by the one that holds everywhere; the severer decides."""
        found = self._lists.get(owner)
        if found is None:
            found = self._lists[owner] = await self._read(owner)
        return found.judge(text)

    def forget(self, owners: Iterable[str]) -> None:
        """Their lists were changed."""
        for owner in owners:
            if owner == queries.EVERYWHERE:
                self._lists.clear()
            self._lists.pop(owner, None)

    async def _read(self, owner: str) -> WordList:
        async with self._db.begin() as tx:
            rows = await queries.words(tx, owner, queries.EVERYWHERE)
        return WordList([*self._everywhere, *(Word(row.word, row.action) for row in rows)])
