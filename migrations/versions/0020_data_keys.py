"""data keys, and contacts and texts as ciphertext

Revision 0020, after 0019.

What was encrypted before stays as it is, under key number 0, until `tracker keys rotate` moves it.
What was in clear is encrypted here. Down, everything goes back under the key that is derived from
the secret, and so do the files; what was in clear is in clear again.
"""

import base64

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet

from tracker.kernel.encryption import keyring
from tracker.kernel.keys import DERIVED, FIRST, Purpose, derived, first_keys, ring_of, rows_in
from tracker.kernel.storage import storage


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

BATCH = 500
ENCRYPTED = {
    'observers': ('birth_date', 'email', 'phone'),
    'travel_documents': ('number',),
    'outbox_messages': ('recipient_name', 'recipient', 'subject', 'text', 'calendar'),
    'observer_lists': ('mended',),
    'observer_list_rows': ('said',),
    'observer_list_effects': ('before',),
    'deployment_teams': ('liaison_phone', 'driver', 'interpreter'),
    'digest_recipients': ('name', 'email'),
    'duty_notes': ('text',),
    'duty_note_steps': ('word',),
    'duty_shifts': ('phone',),
    'duty_contacts': ('phone', 'email', 'note'),
    'interpreters': ('phone', 'email'),
    'blocked_times': ('label',),
    'sign_in_sessions': ('address',),
}
CLEAR = {
    'travel_documents': ('number_ending',),
    'delegation_contacts': ('email', 'phone'),
    'delegations': ('liaison_phone',),
    'officials': ('assistant_contact', 'assistant_email'),
    'movements': ('met_by_phone', 'driver', 'note'),
    'deployment_teams': ('note',),
    'assistance_requests': ('text',),
    'assistance_comments': ('text',),
    'observer_lists': ('columns', 'failure'),
}
SHORT = {  # columns too narrow for a ciphertext: their type, and whether they may be empty
    'travel_documents': {'number_ending': (sa.String(4), False)},
    'delegation_contacts': {'email': (sa.String(254), True), 'phone': (sa.String(60), True)},
    'delegations': {'liaison_phone': (sa.String(60), True)},
    'officials': {
        'assistant_contact': (sa.String(200), True), 'assistant_email': (sa.String(254), True),
    },
    'movements': {'met_by_phone': (sa.String(60), True), 'driver': (sa.String(200), True)},
    'observer_lists': {'columns': (sa.JSON(), False)},
}
USED = (*ENCRYPTED, 'users', 'calendar_addresses', 'delegations')


def upgrade():
    op.create_table('data_keys',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('purpose', sa.Enum('data', 'digest', 'recovery_codes', name='purpose', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('wrapped', sa.Text(), nullable=True),
    sa.Column('wrapped_by', sa.String(length=16), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('number >= 0', name=op.f('ck_data_keys_number')),
    sa.CheckConstraint('(wrapped IS NULL) = (destroyed_at IS NOT NULL)', name=op.f('ck_data_keys_destroyed')),
    sa.CheckConstraint('(wrapped IS NULL) = (wrapped_by IS NULL)', name=op.f('ck_data_keys_wrapped_by_a_secret')),
    sa.CheckConstraint('destroyed_at IS NULL OR retired_at IS NOT NULL', name=op.f('ck_data_keys_retired_first')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_data_keys'))
    )
    connection, keys = op.get_bind(), keyring.keys
    first_keys(connection, keys.secrets, is_used=_is_used(connection))
    ring = ring_of(rows_in(connection), keys.secrets)
    _change_types(to_text=True)
    for table, names in CLEAR.items():
        _rewrite(connection, table, names, lambda clear: _seal(ring, clear))
    keys.forget()


def downgrade():
    connection, keys = op.get_bind(), keyring.keys
    ring = ring_of(rows_in(connection), keys.secrets)
    _refuse_where_digests_would_be_lost(ring, keys.secrets)
    key = derived(keys.secrets[0], DERIVED[Purpose.DATA])
    derived_cipher = Fernet(base64.urlsafe_b64encode(key))
    for table, names in CLEAR.items():
        _rewrite(connection, table, names, lambda token: _open(ring, token))
    _change_types(to_text=False)
    for table, names in ENCRYPTED.items():
        _rewrite(
            connection, table, names,
            lambda token: derived_cipher.encrypt(_open(ring, token).encode()).decode(),
        )
    op.drop_table('data_keys')
    for name in storage.names():
        content = keyring.decrypt(storage.sealed(name))
        storage.replace(name, derived_cipher.encrypt(content))
    keys.forget()


def _refuse_where_digests_would_be_lost(ring, secrets):
    """Without the table, digests are keyed by the secret alone: it must be the first one.

    Nothing is lost where there is nothing to look up or to sign in to.
    """
    if not _is_used(op.get_bind()):
        return
    for purpose in (Purpose.DIGEST, Purpose.RECOVERY_CODES):
        if ring.others[purpose] != derived(secrets[0], DERIVED[purpose]):
            raise RuntimeError(
                'This installation cannot go back before data keys: its keyed digests and '
                'passwords were not made with this secret.'
            )


def _is_used(connection):
    """Whether something was encrypted, hashed or signed in to."""
    return any(
        connection.execute(sa.text(f'SELECT 1 FROM {table} LIMIT 1')).first() for table in USED
    ) or any(True for _name in storage.names())


def _seal(ring, clear):
    return (ring.prefix + ring.newest.encrypt(clear.encode())).decode()


def _open(ring, token):
    number, dot, sealed = token.partition('.')
    cipher = ring.ciphers[number if dot else str(FIRST)]
    return cipher.decrypt(sealed if dot else token).decode()


def _change_types(*, to_text):
    for table, columns in SHORT.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, (short, is_nullable) in columns.items():
                old, new = (short, sa.Text()) if to_text else (sa.Text(), short)
                batch_op.alter_column(
                    name,
                    existing_type=old,
                    type_=new,
                    existing_nullable=is_nullable,
                    postgresql_using=f'{name}::{"text" if to_text else _name_of(short)}',
                )


def _name_of(kind):
    return 'json' if isinstance(kind, sa.JSON) else f'varchar({kind.length})'


def _rewrite(connection, table, names, change):
    """Every value of these columns as `change` makes it, some rows at a time."""
    found = sa.table(table, sa.column('id'), *(sa.column(name, sa.Text()) for name in names))
    columns = [found.c[name] for name in names]
    changed = sa.update(found).where(found.c.id == sa.bindparam('row_id'))
    changed = changed.values({name: sa.bindparam(f'new_{name}') for name in names})
    last = -1
    while True:
        page = sa.select(found.c.id, *columns).where(found.c.id > last).order_by(found.c.id)
        rows = connection.execute(page.limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        values = [
            {'row_id': row[0]}
            | {
                f'new_{name}': None if value is None else change(value)
                for name, value in zip(names, row[1:], strict=True)
            }
            for row in rows
        ]
        connection.execute(changed, values)
