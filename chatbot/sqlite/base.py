"""Django's SQLite backend, with one writer at a time in this process.

SQLite lets one connection write. The others poll for it with sleeps of 1 to 100 ms, which under
load costs more than the writing; a lock of this process wakes the next one at once. Other
processes are still waited for by SQLite's busy timeout. (The hooks are Django's own, without
types, hence the ignores.)
"""

import threading

from django.db.backends.sqlite3 import base

_writing = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds the lock from BEGIN IMMEDIATE to COMMIT or ROLLBACK."""

    _is_writing = False

    def _start_transaction_under_autocommit(self) -> None:
        taken = _writing.acquire(timeout=20)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            if taken:
                _writing.release()
            raise
        self._is_writing = taken

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # after an error Django rolls back
        self._done()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._done()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._done()

    def _done(self) -> None:
        if self._is_writing:
            self._is_writing = False
            _writing.release()
