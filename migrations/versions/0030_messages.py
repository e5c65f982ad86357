"""messages between delegations and headquarters

Revision 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

NEW = 'message', 'list'
MATTERS = (
    'overdue_request', 'late_registered', 'waiting', 'expiring', 'portrait', 'draft', 'duplicate',
    'follow_up', 'no_answer', 'no_arrival', 'no_certificate',
)


def upgrade():
    op.create_table('delegation_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delegation_id', sa.Integer(), nullable=False),
    sa.Column('is_from_headquarters', sa.Boolean(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['delegation_id'], ['delegations.id'], name=op.f('fk_delegation_messages_delegation_id_delegations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation_messages'))
    )
    op.create_index('ix_delegation_messages_thread', 'delegation_messages', ['delegation_id', 'id'])
    _allow(*MATTERS, *NEW)


def _allow(*kinds):
    """The kinds of matters that may be put off from now on."""
    listed = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('snoozes') as table:
        table.drop_constraint(table.f('ck_snoozes_matterkind'), type_='check')
        table.create_check_constraint(table.f('ck_snoozes_matterkind'), f'kind IN ({listed})', postgresql_not_valid=True)
    if op.get_context().dialect.name == 'postgresql':  # without a lock that others would wait for
        op.execute('ALTER TABLE snoozes VALIDATE CONSTRAINT ck_snoozes_matterkind')


def downgrade():
    op.execute("DELETE FROM snoozes WHERE kind IN ('message', 'list')")
    _allow(*MATTERS)
    op.drop_table('delegation_messages')
