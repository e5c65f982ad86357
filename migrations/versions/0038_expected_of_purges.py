"""how much a purge is expected to take

Revision 0038, after 0037.
"""

import sqlalchemy as sa
from alembic import op


revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('retention_purges') as batch_op:
        batch_op.add_column(sa.Column('expected', sa.Integer(), server_default='0', nullable=False))


def downgrade():
    with op.batch_alter_table('retention_purges') as batch_op:
        batch_op.drop_column('expected')
