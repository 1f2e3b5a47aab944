"""PostgreSQL on one machine: found, started, watched and stopped by us.

Production sets ``LC_DATABASE_URL`` and never comes here.
"""

from livecommerce.embedded.databases import ensure_database
from livecommerce.embedded.errors import CannotRun
from livecommerce.embedded.server import Server, running_postgres

__all__ = ["CannotRun", "Server", "ensure_database", "running_postgres"]
