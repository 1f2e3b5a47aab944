"""Why an embedded server cannot run, each in a sentence a person can act on."""


class CannotRun(RuntimeError):
    """The embedded PostgreSQL cannot be started here."""


class NoBinaries(CannotRun):
    """No PostgreSQL of a version we can use is on this machine."""


class InUse(CannotRun):
    """Another process of ours holds the data directory."""


class UpgradeNeeded(CannotRun):
    """The data was written by another major version of PostgreSQL."""


class NotOurs(CannotRun):
    """The data belongs to somebody we may not act for."""


class DidNotStart(CannotRun):
    """The server was started and did not come up; its last words are in the message."""
