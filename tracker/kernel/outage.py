"""What is wrong with the machines under us, told apart from what is wrong with us.

A full or read-only disk, a database or a store of files that is gone: the person is told to try
again shortly (503), monitoring sees an outage and not a fault of the program, and nothing has to be
started anew once the machine is well again.
"""

import errno
import sqlite3

import structlog
from sqlalchemy.exc import DBAPIError, TimeoutError

from tracker.kernel.database import UnfinishedMove
from tracker.kernel.places import FileStoreUnavailable

log = structlog.get_logger()

RETRY_AFTER = 30  # seconds: a database that was killed is back by then

DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE}
)
SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
    }
)
# Classes of SQLSTATE (PostgreSQL, appendix A): connection, resources, operator, system.
POSTGRESQL = ("08", "53", "57P", "58")
READ_ONLY = "25006"


def is_outage(error: BaseException) -> bool:
    """Whether `error` comes from the machine or the database server, and not from the request."""
    match error:
        case TimeoutError():  # every connection is in use
            return True
        case DBAPIError():
            return error.connection_invalidated or _is_database_out(error.orig)
        case FileStoreUnavailable() | UnfinishedMove():
            return True
        case OSError():
            return error.errno in DISK
    return False


def puts_off(error: BaseException, **about: object) -> bool:
    """Whether `error` ends a job for now only, and is not said of its record: what was given out
    and is not done is given out again within a minute (`take_up`). The log tells of it."""
    if not is_outage(error):
        return False
    log.warning("job put off", reason=type(error).__name__, **about)
    return True


def _is_database_out(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in SQLITE  # the low byte is the primary code
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg could not reach the server, or lost it
        return type(error).__name__ in {"OperationalError", "ConnectionTimeout"}
    return state == READ_ONLY or str(state).startswith(POSTGRESQL)
