"""Rotation: everything is put under a new data key while people work, and the old key destroyed.

A pass goes through every encrypted column and every stored file in short transactions, and leaves
what is under the newest key already: after a crash the next pass goes on. Rows that somebody holds
are left for another pass, so that no person waits for us and none of us for a person; a value is
replaced only where it is still the one that was read, past the unit of work, so that no version
moves and the audit record, which is told of the keys, is told of no values.

A key is retired when nothing is under it, `SETTLED` after a newer one was made, when no process
encrypts with it any more and no transaction is left that may have; only then can it be destroyed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.exc import IntegrityError

from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import after_commit, db, unit_of_work
from tracker.kernel.encryption import Encrypted, keyring
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.keys import (
    FIRST,
    REFRESH,
    SETTLED,
    DataKey,
    KeyMissing,
    Purpose,
    Ring,
    name_of,
    new_key,
    unwrap,
    wrap,
)
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage

BATCH = 200  # rows a transaction: tens of milliseconds
FERNET = "gAAAA"  # how a token begins until the year 2106 (version 0x80, a 64-bit time)


class KeyState(StrEnum):
    """Where a key is in its life."""

    IN_USE = "in use"
    REPLACED = "being replaced"
    RETIRED = "retired"
    DESTROYED = "destroyed"


class Wrapping(StrEnum):
    """Which secret opens a key."""

    THIS = "this secret"
    PREVIOUS = "previous secret"
    ANOTHER = "another secret"  # which this installation was not given
    NONE = "-"  # it is destroyed


@dataclass(frozen=True)
class KeyStanding:
    """A key as an administrator sees it; `values` is None where a key encrypts none."""

    number: int
    purpose: Purpose
    created_at: datetime
    state: KeyState
    values: int | None
    wrapping: Wrapping


@dataclass
class Pass:
    """What one pass did."""

    values: int = 0
    files: int = 0
    unreadable: list[str] = field(default_factory=list)  # where, never what


# What is read


def encrypted_columns() -> dict[sa.Table, list[sa.Column[Any]]]:
    """The columns of every table that hold ciphertext."""
    found = {}
    for table in db.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, Encrypted)]
        if columns:
            found[table] = columns
    return found


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[str | None]:
    """The ciphertext itself."""
    return sa.type_coerce(column, sa.Text())


def _is_under(column: sa.Column[Any], number: int) -> sa.ColumnElement[bool]:
    return _raw(column).startswith(FERNET if number == FIRST else f"{number}.")


def values_under(numbers: Iterable[int]) -> dict[int, int]:
    """How many values and files are under each of these data keys; reads every table."""
    found = dict.fromkeys(numbers, 0)
    if not found:
        return found
    for table, columns in encrypted_columns().items():
        counted = [
            sum(
                (
                    sa.func.coalesce(sa.func.sum(sa.case((_is_under(each, number), 1), else_=0)), 0)
                    for each in columns
                ),
                start=sa.literal(0),
            )
            for number in found
        ]
        row = db.session.execute(sa.select(*counted).select_from(table)).one()
        for number, count in zip(found, row, strict=True):
            found[number] += count
    for name in storage.names():
        number = _number_of(storage.beginning(name, 20))
        if number in found:
            found[number] += 1
    return found


def _number_of(sealed: bytes) -> int:
    number, dot, _rest = sealed.partition(b".")
    return int(number) if dot and number.isdigit() else FIRST


def _all_keys() -> Sequence[DataKey]:
    return db.session.scalars(sa.select(DataKey).order_by(DataKey.number)).all()


def _newest(keys: Iterable[DataKey]) -> dict[Purpose, int]:
    return {key.purpose: key.number for key in keys}


def standings() -> list[KeyStanding]:
    """Every key in the order of its making, with what is still under it."""
    keys = _all_keys()
    newest = _newest(keys)
    names = [name_of(secret) for secret in keyring.keys.secrets]
    wrappings = {None: Wrapping.NONE} | dict(zip(names, Wrapping, strict=False))
    under = values_under(
        key.number for key in keys if key.purpose is Purpose.DATA and not key.destroyed_at
    )
    return [
        KeyStanding(
            number=key.number,
            purpose=key.purpose,
            created_at=key.created_at,
            state=_state(key, newest),
            values=under.get(key.number),
            wrapping=wrappings.get(key.wrapped_by, Wrapping.ANOTHER),
        )
        for key in keys
    ]


def _state(key: DataKey, newest: dict[Purpose, int]) -> KeyState:
    if key.destroyed_at:
        return KeyState.DESTROYED
    if key.number == newest[key.purpose]:
        return KeyState.IN_USE
    return KeyState.RETIRED if key.retired_at else KeyState.REPLACED


# What changes


def begin_rotation(*, actor: Actor, is_forced: bool = False) -> int:
    """Make a new data key, whose number is given back.

    Where an earlier rotation is not done, the newest key stays the one to go to, unless
    `is_forced`: a crash makes no second key.
    """
    actor.require(Capability.ADMINISTER)
    keys = [key for key in _all_keys() if key.purpose is Purpose.DATA and not key.destroyed_at]
    newest = keys[-1].number
    if not is_forced and any(values_under(key.number for key in keys[:-1]).values()):
        return newest
    number = (db.session.scalar(sa.select(sa.func.max(DataKey.number))) or 0) + 1
    columns = wrap(keyring.keys.secrets[0], number, Purpose.DATA, new_key())
    try:
        with db.session.begin_nested():
            db.session.add(DataKey(number=number, purpose=Purpose.DATA, **columns))
            db.session.flush()
    except IntegrityError as error:
        raise Refused(N_("Somebody else began a rotation at this moment.")) from error
    after_commit(keyring.keys.forget)
    return number


def re_encrypt(*, actor: Actor, progress: Callable[[Pass], None] = lambda _done: None) -> Pass:
    """Put what is under another key under the newest one: one pass, many transactions."""
    actor.require(Capability.ADMINISTER)
    done = Pass()
    keyring.keys.forget()
    for table, columns in encrypted_columns().items():
        last = None
        while True:
            with unit_of_work(actor):
                last = _move_rows(table, columns, last, done)
            progress(done)
            if last is None:
                break
    for name in storage.names():
        _move_file(name, done)
        progress(done)
    return done


def _move_rows(table: sa.Table, columns: Sequence[sa.Column[Any]], after: Any, done: Pass) -> Any:
    """Move some rows after this one; the last of them, None where there were none."""
    ring = keyring.keys.fresh()  # a long pass must not outlive a newer key
    (key,) = table.primary_key.columns
    stale = sa.or_(*(~_is_under(column, ring.number) for column in columns))
    found = sa.select(key, *(_raw(column).label(column.name) for column in columns))
    # Not waited for: who holds the row may wait for one that we hold.
    found = found.where(stale).order_by(key).limit(BATCH)
    if after is not None:
        found = found.where(key > after)
    rows = db.session.execute(found.with_for_update(skip_locked=True, key_share=True)).all()
    values = []
    for row in rows:
        old = dict(zip((column.name for column in columns), row[1:], strict=True))
        new = {
            name: _moved(ring, token, f"{table.name} {row[0]} {name}", done)
            for name, token in old.items()
        }
        values.append(
            {"row_id": row[0]}
            | {f"old_{name}": token for name, token in old.items()}
            | {f"new_{name}": token for name, token in new.items()}
        )
    if values:
        db.session.connection().execute(_replacement(table, columns), values)
    return rows[-1][0] if rows else None


def _replacement(table: sa.Table, columns: Sequence[sa.Column[Any]]) -> sa.Update:
    """Replaces the ciphertexts of a row, as long as they are the ones that were read."""
    same = (
        _raw(column).is_not_distinct_from(sa.bindparam(f"old_{column.name}", type_=sa.Text()))
        for column in columns
    )
    new = {column.name: sa.bindparam(f"new_{column.name}", type_=sa.Text()) for column in columns}
    (key,) = table.primary_key.columns
    return sa.update(table).where(key == sa.bindparam("row_id"), *same).values(new)


def _moved(ring: Ring, token: str | None, place: str, done: Pass) -> str | None:
    """The same under the newest key; as it was where it cannot be read, which is noted."""
    if token is None or token.startswith(ring.prefix.decode()):
        return token
    try:
        content = keyring.decrypt(token)
    except (KeyMissing, InvalidToken):
        done.unreadable.append(place)
        return token
    done.values += 1
    return (ring.prefix + ring.newest.encrypt(content)).decode()


def _move_file(name: str, done: Pass) -> None:
    ring = keyring.keys.fresh()
    try:
        if _number_of(storage.beginning(name, 20)) == ring.number:
            return
        content = storage.get(name)
    except FileNotFoundError:  # deleted since it was listed
        return
    except (KeyMissing, InvalidToken, UnicodeDecodeError):
        done.unreadable.append(f"file {name}")
        return
    done.files += storage.replace(name, ring.prefix + ring.newest.encrypt(content))


def retire_keys(*, actor: Actor) -> list[int]:
    """Retire the older data keys that nothing is under any more; their numbers."""
    actor.require(Capability.ADMINISTER)
    keys = [key for key in _all_keys() if key.purpose is Purpose.DATA]
    waiting = [key for key in keys[:-1] if not key.retired_at]
    waiting = [key for key in waiting if _is_settled(key, keys)]
    under = values_under(key.number for key in waiting)
    retired = [key for key in waiting if not under[key.number]]
    for key in retired:
        key.retired_at = clock.now()
    db.session.flush()
    return [key.number for key in retired]


def _is_settled(key: DataKey, keys: Sequence[DataKey]) -> bool:
    """Whether nobody can bring another value under this key, which has a successor."""
    successor = next(each for each in keys if each.number > key.number)
    passed = clock.now() - successor.created_at
    if passed < SETTLED:
        return False
    if db.session.connection().dialect.name == "sqlite":
        return True  # one writer, which is us
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND xact_start < now() - make_interval(secs => :seconds)"
    )
    seconds = passed.total_seconds() - REFRESH
    return not db.session.scalar(query, {"seconds": min(seconds, 10.0**8)})


def destroy_key(*, actor: Actor, number: int) -> DataKey:
    """Destroy a data key that nothing is under: what was under it is lost wherever it was kept."""
    actor.require(Capability.ADMINISTER)
    keys = [key for key in _all_keys() if key.purpose is Purpose.DATA]
    key = next((each for each in keys if each.number == number), None)
    if key is None:
        raise NotFound(N_("There is no data key %(number)s."), number=number)
    if key.destroyed_at:
        raise Refused(N_("Data key %(number)s is destroyed already."), number=number)
    if key is keys[-1]:
        raise Refused(N_("Data key %(number)s is in use."), number=number)
    if count := values_under([number])[number]:
        raise Refused(
            N_("Under data key %(number)s there are still %(count)s values; rotate first."),
            number=number,
            count=count,
        )
    if not _is_settled(key, keys):
        raise Refused(
            N_("Somebody may still encrypt with data key %(number)s; try again in two minutes."),
            number=number,
        )
    now = clock.now()
    _overwrite()
    key.retired_at = key.retired_at or now
    key.wrapped, key.wrapped_by, key.destroyed_at = None, None, now
    db.session.flush()
    after_commit(keyring.keys.forget)
    return key


def _overwrite() -> None:
    """Leave no copy of the wrapped keys that this change replaces in the database's own files."""
    if db.session.connection().dialect.name == "sqlite":
        db.session.execute(sa.text("PRAGMA secure_delete = ON"))
    after_commit(_compact)


def _compact() -> None:
    connection = db.engine.raw_connection()  # neither may run inside a transaction
    try:
        driver: Any = connection.driver_connection
        if db.engine.dialect.name == "sqlite":
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            driver.autocommit = True
            driver.execute("VACUUM (FULL) data_keys")
            driver.autocommit = False
    finally:
        connection.close()


def rewrap_keys(*, actor: Actor) -> int:
    """Put every key under the present secret, so that the previous one can go; how many moved."""
    actor.require(Capability.ADMINISTER)
    secrets = keyring.keys.secrets
    query = sa.select(DataKey).where(DataKey.wrapped_by != name_of(secrets[0]))
    moved = db.session.scalars(query.order_by(DataKey.number).with_for_update(key_share=True)).all()
    _overwrite()
    for key in moved:
        content = unwrap(secrets, key.number, key.purpose, key.wrapped or "", key.wrapped_by or "")
        columns = wrap(secrets[0], key.number, key.purpose, content)
        key.wrapped, key.wrapped_by = columns["wrapped"], columns["wrapped_by"]
    db.session.flush()
    after_commit(keyring.keys.forget)
    return len(moved)
