"""After a purge: nothing of it stays in free pages, the write-ahead log or samples of statistics.

SQLite: `secure_delete` overwrites what is deleted in its page (kernel.database sets it), VACUUM
writes the file anew without free pages, the log is then copied into it and cut to nothing, and the
samples of ANALYZE are taken anew. PostgreSQL: VACUUM FULL writes each table anew, ANALYZE takes its
samples anew. What PostgreSQL wrote to its own log, to replicas and to backups is beyond this
program: those end with their own periods (docs/retention.md).
"""

import sqlite3

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.kernel.jobs import jobs
from tracker.retention.holdings import HOLDINGS

PATIENCE = 30_000  # milliseconds for a lock: others work on meanwhile


def rewrite() -> bool:
    """Rewrite the database and the queue; False where others held it for too long.

    Outside of any transaction. Repeating it does no harm.
    """
    db.session.rollback()
    jobs.forget_results()
    engine = db.engine
    engine.dispose()  # idle connections hold old snapshots
    try:
        return _rewrite_sqlite(engine) if engine.name == "sqlite" else _rewrite_postgresql(engine)
    except (sa.exc.OperationalError, sqlite3.OperationalError):  # a lock was not given up in time
        return False


def _rewrite_sqlite(engine: sa.Engine) -> bool:
    connection = engine.raw_connection()  # VACUUM is refused inside a transaction
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _pages, _copied = cursor.fetchone() or (1, 0, 0)
        cursor.close()
    finally:
        connection.close()
    return not busy


def _rewrite_postgresql(engine: sa.Engine) -> bool:
    names = {holding.name for holding in HOLDINGS} | {
        "audit_entries",
        "search_words",
        "search_endings",
    }
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"SET lock_timeout = {PATIENCE}"))
        for name in sorted({*names, "retention_files"}):
            connection.execute(sa.text(f'VACUUM (FULL, ANALYZE) "{name}"'))
        connection.execute(sa.text("RESET lock_timeout"))
    return True
