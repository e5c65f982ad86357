"""identity provider and notices: whom it vouches for; who is told of what; what mail came back

Revision 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.online import create_index_online

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

NOTICES = ('lists', 'meeting_requests', 'submissions', 'followed', 'decisions', 'answers', 'meetings', 'messages')
DELIVERIES = ('at_once', 'daily', 'never')
FORMER = ('invitation', 'password', 'everything')
KINDS = (*FORMER, 'identity', 'entry')


def kinds(names):
    return sa.Enum(*names, name='linkkind', native_enum=False, create_constraint=True, length=40)


def allow(before, after):
    """Let links be of these kinds. On PostgreSQL without looking at rows under a lock."""
    if op.get_context().dialect.name != 'postgresql':
        with op.batch_alter_table('account_links') as batch_op:
            batch_op.alter_column('kind', existing_type=kinds(before), type_=kinds(after), existing_nullable=False)
        return
    listed = ', '.join(f"'{name}'" for name in after)
    op.execute('ALTER TABLE account_links DROP CONSTRAINT ck_account_links_linkkind')
    op.execute(f'ALTER TABLE account_links ADD CONSTRAINT ck_account_links_linkkind CHECK (kind IN ({listed})) NOT VALID')
    op.execute('ALTER TABLE account_links VALIDATE CONSTRAINT ck_account_links_linkkind')


def upgrade():
    op.create_table('provider_identities',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('issuer', sa.String(length=255), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('subject_digest', sa.String(length=64), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_provider_identities_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_identities')),
    sa.UniqueConstraint('subject_digest', name=op.f('uq_provider_identities_subject_digest'))
    )
    op.create_index(op.f('ix_provider_identities_user_id'), 'provider_identities', ['user_id'])
    op.create_table('provider_sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('identity_id', sa.Integer(), nullable=False),
    sa.Column('sid_digest', sa.String(length=64), nullable=True),
    sa.Column('id_token', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['identity_id'], ['provider_identities.id'], name=op.f('fk_provider_sessions_identity_id_provider_identities'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['sign_in_sessions.id'], name=op.f('fk_provider_sessions_session_id_sign_in_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_sessions')),
    sa.UniqueConstraint('session_id', name=op.f('uq_provider_sessions_session_id'))
    )
    op.create_index(op.f('ix_provider_sessions_identity_id'), 'provider_sessions', ['identity_id'])
    op.create_index(op.f('ix_provider_sessions_sid_digest'), 'provider_sessions', ['sid_digest'])
    allow(FORMER, KINDS)
    notices()
    returned_mail()


def words(names, name):
    return sa.Enum(*names, name=name, native_enum=False, create_constraint=True, length=40)


def notices():
    op.create_table('notice_marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_marks'))
    )
    op.create_table('notice_preferences',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', words(NOTICES, 'notice'), nullable=False),
    sa.Column('delivery', words(DELIVERIES, 'delivery'), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notice_preferences_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'kind', name=op.f('pk_notice_preferences'))
    )
    op.create_table('waiting_notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', words(NOTICES, 'notice'), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_waiting_notices_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_notices')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_waiting_notices_user_id_key'))
    )
    op.create_index('ix_waiting_notices_due', 'waiting_notices', ['due_at'])


def returned_mail():
    for column in (
        sa.Column('left_half', sa.String(length=32), nullable=True),
        sa.Column('recipient_digest', sa.String(length=64), nullable=True),
        sa.Column('bounced_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('bounce_code', sa.String(length=20), nullable=True),
        sa.Column('bounce_reason', sa.Text(), nullable=True),
    ):
        op.add_column('outbox_messages', column)
    create_index_online('ix_outbox_messages_left_half', 'outbox_messages', ['left_half'])
    create_index_online('ix_outbox_messages_recipient', 'outbox_messages', ['recipient_digest', 'bounced_at'])


def downgrade():
    op.drop_index('ix_outbox_messages_recipient', table_name='outbox_messages')
    op.drop_index('ix_outbox_messages_left_half', table_name='outbox_messages')
    for name in ('bounce_reason', 'bounce_code', 'bounced_at', 'recipient_digest', 'left_half'):
        op.drop_column('outbox_messages', name)
    for name in ('waiting_notices', 'notice_preferences', 'notice_marks'):
        op.drop_table(name)
    op.execute("DELETE FROM account_links WHERE kind IN ('identity', 'entry')")
    allow(KINDS, FORMER)
    op.drop_table('provider_sessions')
    op.drop_table('provider_identities')
