"""lists that delegations prepare, send and get back

Revision 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('observer_lists') as table:
        table.add_column(sa.Column('is_with_delegation', sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column('is_typed', sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column('sent_at', sa.DateTime(timezone=True)))
        table.add_column(sa.Column('sent_by', sa.String(length=200)))
        table.add_column(sa.Column('return_reason', sa.Text()))


def downgrade():
    with op.batch_alter_table('observer_lists') as table:
        for name in ('return_reason', 'sent_by', 'sent_at', 'is_typed', 'is_with_delegation'):
            table.drop_column(name)
