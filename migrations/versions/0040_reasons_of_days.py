"""why a day of an official is another than usual, encrypted

Revision 0040, after 0039. What stands in `label` is moved by the job process, in batches.
"""

import sqlalchemy as sa
from alembic import op


revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('official_days') as batch_op:
        batch_op.add_column(sa.Column('reason', sa.Text(), nullable=True))


def downgrade():
    with op.batch_alter_table('official_days') as batch_op:
        batch_op.drop_column('reason')
