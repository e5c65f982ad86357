"""erasable contents of the audit record

Revision 0021, after 0020.

The digest of an entry covers a commitment to its content instead of the content itself. Either
way the chain is verified first, since making it anew would make every tampering look right; and an
entry says until where it was made anew, and what the last digest was that may be known elsewhere.
"""

import hashlib
import json
import os
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from tracker.kernel import clock
from tracker.kernel.errors import Refused


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

START = '0' * 64
ABOUT = ('recorded_at', 'actor_id', 'actor_name', 'request_id', 'action', 'record_table', 'record_id')
FORMER = ('position', *ABOUT, 'before', 'after', 'previous_digest')
COVERED = ('position', *ABOUT, 'content_digest', 'previous_digest')
BATCH = 5_000
IS_CHANGE = sa.text("action NOT IN ('anchor', 'export', 'read')")

entries = sa.table(
    'audit_entries',
    sa.column('id', sa.Integer),
    sa.column('position', sa.Integer),
    sa.column('recorded_at', sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String) for name in ABOUT[2:]),
    sa.column('actor_id', sa.Integer),
    *(sa.column(name, sa.JSON(none_as_null=True)) for name in ('before', 'after')),
    *(sa.column(name, sa.String) for name in ('content_salt', 'content_digest')),
    sa.column('erased_at', sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String) for name in ('previous_digest', 'digest')),
)


def dumps(values):
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(',', ':')).encode()


def digest_of(row, covered):
    return hashlib.sha256(dumps({name: row[name] for name in covered})).hexdigest()


def content_digest_of(salt, row):
    content = dumps({'after': row['after'], 'before': row['before']})
    return hashlib.sha256(bytes.fromhex(salt) + content).hexdigest()


def in_order(connection, columns):
    """Batches of rows, their moments as the digest takes them."""
    last, query = 0, sa.select(*(entries.c[name] for name in columns)).order_by(entries.c.position)
    while True:
        found = connection.execute(query.where(entries.c.position > last).limit(BATCH)).mappings()
        rows = [dict(row) for row in found]
        if not rows:
            return
        for row in rows:
            moment = row['recorded_at']
            aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            row['recorded_at'] = aware.isoformat()
        last = rows[-1]['position']
        yield rows


def refuse_unless_whole(connection, columns, is_whole):
    previous, expected = START, 1
    for rows in in_order(connection, columns):
        for row in rows:
            follows = row['position'] == expected and row['previous_digest'] == previous
            if not follows or not is_whole(row):
                raise Refused(
                    f"The audit record does not hold at entry {expected}: it cannot be made anew, "
                    "since that would hide what was done to it. Nothing was changed. See "
                    "`tracker audit verify` of the release that is installed now, and restore "
                    "the entries from a backup."
                )
            previous, expected = row['digest'], expected + 1
    return expected - 1, previous


def is_whole_as_before(row):
    return digest_of(row, FORMER) == row['digest']


def is_whole_now(row):
    if digest_of(row, COVERED) != row['digest']:
        return False
    if row['content_salt'] is None:
        return row['erased_at'] is not None and row['before'] is row['after'] is None
    return content_digest_of(row['content_salt'], row) == row['content_digest']


def chain_anew(connection, columns, changed):
    """Update every row with what `changed` makes of it, following the new digest before it."""
    previous = START
    for rows in in_order(connection, columns):
        values = []
        for row in rows:
            row['previous_digest'] = previous
            new = changed(row)
            previous = new['digest']
            values.append(new | {'key': row['id']})
        connection.execute(
            sa.update(entries)
            .where(entries.c.id == sa.bindparam('key'))
            .values({name: sa.bindparam(name) for name in values[0] if name != 'key'}),
            values,
        )
    return previous


def committed(row):
    salt = os.urandom(16).hex()
    new = {'content_salt': salt, 'content_digest': content_digest_of(salt, row)}
    new['previous_digest'] = row['previous_digest']
    return new | {'digest': digest_of(row | new, COVERED)}


def as_before(row):
    return {'previous_digest': row['previous_digest'], 'digest': digest_of(row, FORMER)}


def say_so(connection, count, last_digest, previous, made):
    """One entry more: until where the chain was made anew, and its last digest before that."""
    moment = clock.now()
    row = {
        'position': count + 1,
        'recorded_at': moment.astimezone(UTC).isoformat(),
        'actor_id': None,
        'actor_name': 'system',
        'request_id': None,
        'action': 'rechain',
        'record_table': 'audit_entries',
        'record_id': f'1-{count}',
        'before': {'last_digest': last_digest},
        'after': {'last_digest': previous},
        'previous_digest': previous,
    }
    connection.execute(sa.insert(entries), row | made(row) | {'recorded_at': moment})


def upgrade():
    connection = op.get_bind()
    columns = ('id', *FORMER, 'digest')
    count, last_digest = refuse_unless_whole(connection, columns, is_whole_as_before)
    for column in (
        sa.Column('content_salt', sa.String(length=32), nullable=True),
        sa.Column('content_digest', sa.String(length=64), nullable=True),
        sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column('audit_entries', column)
    if count:
        previous = chain_anew(connection, columns, committed)
        say_so(connection, count, last_digest, previous, committed)
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.alter_column('content_digest', existing_type=sa.String(length=64), nullable=False)
    op.create_index(
        'ix_audit_entries_changes', 'audit_entries', ['position'], unique=False,
        sqlite_where=IS_CHANGE, postgresql_where=IS_CHANGE,
    )


def downgrade():
    connection = op.get_bind()
    columns = ('id', *FORMER, 'content_salt', 'content_digest', 'erased_at', 'digest')
    count, last_digest = refuse_unless_whole(connection, columns, is_whole_now)
    op.drop_index('ix_audit_entries_changes', table_name='audit_entries')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        # Rows that were erased go on as rows without content: the record says that they were.
        batch_op.alter_column('content_digest', existing_type=sa.String(length=64), nullable=True)
    if count:
        previous = chain_anew(connection, columns, as_before)
        say_so(connection, count, last_digest, previous, as_before)
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        for name in ('erased_at', 'content_digest', 'content_salt'):
            batch_op.drop_column(name)
