"""Django's PostgreSQL backend, whose pool gets over a restart of the database at once.

The check that comes with `CONN_HEALTH_CHECKS` waits ever longer (1, 2, 4, ... seconds) with
each broken connection that it meets in psycopg's pool; after a restart all of them are broken,
and requests would wait until they give up.
"""

import logging
from typing import Any

from django.db.backends.postgresql import base

logger = logging.getLogger(__name__)
_ATTEMPTS = 3


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out connections that work: where one is broken, the whole pool is looked through."""

    def get_new_connection(self, conn_params: Any) -> Any:
        for _ in range(_ATTEMPTS):
            connection: Any = super().get_new_connection(conn_params)
            pool: Any = self.pool
            if pool is None or self._works(connection):
                break
            logger.warning("PostgreSQL has closed a connection; replacing those that are broken")
            pool.putconn(connection)
            pool.check()
        return connection

    def _works(self, connection: Any) -> bool:
        try:
            connection.execute("")
        except self.Database.Error:
            return False
        return True
