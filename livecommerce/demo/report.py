"""The journey's steps as people read them: what was done, with which ids, in how long."""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Prints steps as they end, and remembers whether every one of them held."""

    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _started: float = field(default_factory=time.perf_counter)

    @asynccontextmanager
    async def step(self, number: int, name: str) -> AsyncIterator["Step"]:
        """One step; whatever is raised in it ends the journey."""
        step = Step()
        self._say(f"\n{number:>2}  {name}")
        started = time.perf_counter()
        try:
            yield step
        except Exception as error:
            self.failed.append(name)
            self._say(f"    ✗ {type(error).__name__}: {error}")
            raise
        took = time.perf_counter() - started
        for line in step.lines:
            self._say(f"    · {line}")
        self._say(f"    ✓ {took:.2f} s")

    def skip(self, number: int, name: str, why: str) -> None:
        """A step that cannot be walked here, said out loud."""
        self.skipped.append(name)
        self._say(f"\n{number:>2}  {name}\n    – skipped: {why}")

    def close(self) -> bool:
        """The last line; whether every step held."""
        took = time.perf_counter() - self._started
        if self.failed:
            self._say(f"\nThe journey failed at: {', '.join(self.failed)}")
        else:
            left = f", {len(self.skipped)} skipped" if self.skipped else ""
            self._say(f"\nThe journey held{left}: {took:.1f} s")
        return not self.failed

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


@dataclass(slots=True)
class Step:
    """What is worth telling of a step."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """One more line."""
        self.lines.append(line)
