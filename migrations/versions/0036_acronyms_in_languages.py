"""acronyms of organizations in Russian and Kazakh

Revision 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op


revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade():
    for column in ('acronym_ru', 'acronym_kk'):
        op.add_column('organizations', sa.Column(column, sa.String(length=30), nullable=True))


def downgrade():
    for column in ('acronym_kk', 'acronym_ru'):
        op.drop_column('organizations', column)
