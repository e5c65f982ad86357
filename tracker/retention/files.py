"""Files of a purge: each goes once no row of the whole schema names it any more.

A file is stored once whoever sends it, so that another row may name the same one. What a batch no
longer names is remembered in its transaction and deleted after it: a purge that was killed between
finds it again. Files that nobody names at all (a portrait that was replaced) go with the portraits.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

import sqlalchemy as sa

from tracker.kernel.database import db, in_chunks
from tracker.kernel.storage import storage
from tracker.lists.models import ListEffect
from tracker.publications.models import PressNoteVersion
from tracker.retention.holdings import Holding, file_columns
from tracker.retention.models import Category, RetentionFile, RetentionPurge

BATCH = 200
# A file is stored before the row that names it is committed; an upload takes no day.
UNNAMED_FOR = timedelta(days=1)
_KEY = re.compile(r"[0-9a-f]{64}")


def await_files(purge: RetentionPurge, holding: Holding, named: sa.ColumnElement[bool]) -> None:
    """Remember the files that these rows name, before they no longer do."""
    for column in holding.files:
        known = sa.select(RetentionFile.key).where(RetentionFile.purge_id == purge.id)
        query = sa.select(column).distinct().where(named, column != "", column.not_in(known))
        for key in db.session.scalars(query).all():
            db.session.add(
                RetentionFile(
                    purge_id=purge.id, key=key, category=holding.category, size=storage.size(key)
                )
            )
        db.session.flush()


def named_elsewhere(keys: Iterable[str]) -> set[str]:
    """Those of the files that a row still names."""
    wanted = set(keys)
    found: set[str] = set()
    for chunk in in_chunks(wanted):
        for column in file_columns(db.metadata.tables.values()):
            found.update(db.session.scalars(sa.select(column).where(column.in_(chunk))))
    found |= wanted & _quoted()
    return found


def delete_files(purge: RetentionPurge) -> dict[str, Counter[str]] | None:
    """Take away files that no row names any more; by category, None where none is left to see to.

    In a transaction that holds the database's one write lock on SQLite, so that nobody stores the
    same file meanwhile.
    """
    query = sa.select(RetentionFile).where(RetentionFile.purge_id == purge.id)
    waiting = db.session.scalars(query.order_by(RetentionFile.key).limit(BATCH)).all()
    if not waiting:
        return None
    kept = named_elsewhere(row.key for row in waiting)
    done: dict[str, Counter[str]] = {}
    for row in waiting:
        if row.key not in kept:
            numbers = done.setdefault(row.category.value, Counter())
            numbers.update(files=1, bytes=row.size)
            storage.delete(row.key)
        db.session.delete(row)
    db.session.flush()
    return done


def _quoted() -> set[str]:
    """Keys that stand inside texts: of what was published, and of what undoing a list puts back."""
    found: set[str] = set()
    for column in (PressNoteVersion.content, ListEffect.before):
        for text in db.session.scalars(sa.select(column).where(column.is_not(None))):
            found.update(_KEY.findall(text or ""))
    return found


def unnamed() -> Iterator[str]:
    """Files that no row names, and have not for a day."""
    keys = list(storage.keys(older_than=UNNAMED_FOR))
    named = named_elsewhere(keys) if keys else set()
    return (key for key in keys if key not in named)


def delete_unnamed() -> dict[str, Counter[str]]:
    """Take away so many files that no row names; what that was, as of portraits."""
    numbers: Counter[str] = Counter()
    for key in unnamed():
        numbers.update(files=1, bytes=storage.size(key))
        storage.delete(key)
    return {Category.PORTRAITS.value: numbers} if numbers else {}
