"""receipts of certificates, confirmed by delegations

Revision 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('certificates') as table:
        table.add_column(sa.Column('receipt_confirmed_at', sa.DateTime(timezone=True)))
        table.add_column(sa.Column('receipt_confirmed_by', sa.String(length=200)))


def downgrade():
    with op.batch_alter_table('certificates') as table:
        table.drop_column('receipt_confirmed_by')
        table.drop_column('receipt_confirmed_at')
