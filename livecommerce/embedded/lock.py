"""A lock on a data directory that dies with its holder: a killed run never blocks a new one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livecommerce.embedded.errors import InUse


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for ourselves.

    Raises:
        InUse: another process (or another place in this one) holds it.
    """
    with (folder / "postgres.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise InUse(
                f"{folder} is in use by another Livecommerce (process {holder}). "
                "Stop that one first, or set LC_DATA_DIR to another directory."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield  # the file is left in place: removing it would let two hold "the" lock
