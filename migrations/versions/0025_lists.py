"""lists: endings of words, and indexes in the order of names

Revision 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

# As `kernel/words` made them at this revision.
SHORT, LONGEST = 3, 40
ENDINGS = """
    WITH different AS (
        SELECT DISTINCT kind, word FROM search_words WHERE length(word) > :short AND word >= 'a'
    ), places AS ({places})
    INSERT INTO search_endings (kind, ending, word)
    SELECT kind, substr(word, place), word
    FROM different JOIN places ON length(word) - place + 1 >= :short
"""


def word():
    return sa.String(LONGEST).with_variant(sa.String(LONGEST, collation='C'), 'postgresql')


def order_names_by(collation):
    """PostgreSQL only: elsewhere text is in the order of its bytes anyway."""
    if op.get_bind().dialect.name == 'postgresql':
        for table, column in (('accreditations', 'sort_name'), ('observers', 'sort_key')):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR(220) COLLATE {collation}')


def upgrade():
    op.create_table('search_endings',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('ending', word(), nullable=False),
    sa.Column('word', word(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'ending', 'word', name=op.f('pk_search_endings')),
    sqlite_with_rowid=False
    )
    places = ' UNION ALL '.join(f'SELECT {place} AS place' for place in range(2, LONGEST))
    op.get_bind().execute(sa.text(ENDINGS.format(places=places)), {'short': SHORT})


    order_names_by('"C"')
    op.drop_index('ix_accreditations_by_delegation', table_name='accreditations')
    op.create_index('ix_accreditations_by_delegation', 'accreditations', ['delegation_id', 'sort_name', 'id'], unique=False)
    op.create_index('ix_accreditations_by_function', 'accreditations', ['election_id', 'function', 'sort_name', 'id'], unique=False)
    op.create_index('ix_accreditations_by_region', 'accreditations', ['election_id', 'region', 'sort_name', 'id'], unique=False)


def downgrade():
    op.drop_index('ix_accreditations_by_region', table_name='accreditations')
    op.drop_index('ix_accreditations_by_function', table_name='accreditations')
    op.drop_index('ix_accreditations_by_delegation', table_name='accreditations')
    op.create_index('ix_accreditations_by_delegation', 'accreditations', ['delegation_id', 'status'], unique=False)
    order_names_by('pg_catalog."default"')
    op.drop_table('search_endings')
