"""no two organizations that stand have one acronym in Russian or in Kazakh

Revision 0037, after 0036. Apart from it, so that it can be run again where it gave up.
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.online import create_index_online


revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade():
    for column in ('acronym_ru', 'acronym_kk'):
        stands = sa.text(f'{column} IS NOT NULL AND merged_into_id IS NULL')
        create_index_online(f'uq_organizations_{column}', 'organizations', [column], unique=True, sqlite_where=stands, postgresql_where=stands)


def downgrade():
    for column in ('acronym_kk', 'acronym_ru'):
        op.drop_index(f'uq_organizations_{column}', table_name='organizations')
