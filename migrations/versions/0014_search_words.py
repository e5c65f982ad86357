"""search words

Revision 0014, after 0013.
"""

import re

import sqlalchemy as sa
from alembic import op
from anyascii import anyascii


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

SEARCHED = {
    'observers': ('surname', 'given_names', 'native_name'),
    'meetings': ('title',),
    'meeting_requests': ('topics',),
    'assistance_requests': ('title',),
    'movements': ('number', 'place'),
    'observer_lists': ('filename',),
}
# As `kernel/words` made them at this revision.
SPELLINGS = {
    'dzh': 'z', 'dj': 'z', 'zh': 'z', 'j': 'z', 'kh': 'h', 'gh': 'g', 'sh': 's', 'ch': 'c',
    'ph': 'f', 'ye': 'e', 'yo': 'e', 'yu': 'u', 'iu': 'u', 'y': 'i', 'ae': 'a', 'oe': 'o',
    'ue': 'u', 'q': 'k', 'w': 'v', 'x': 'ks',
}


def words_of(text):
    plain = anyascii(re.sub('[ьъЬЪ]', '', text)).lower()
    found = set()
    for token in re.findall('[a-z]+|[0-9]+', plain):
        sound = re.sub('|'.join(SPELLINGS), lambda match: SPELLINGS[match[0]], token)
        found.add(re.sub(r'([a-z])\1+', r'\1', sound)[:40])
    return found


def upgrade():
    words = op.create_table('search_words',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('record_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('word', sa.String(length=40).with_variant(sa.String(length=40, collation='C'), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'record_id', 'word', name=op.f('pk_search_words')),
    sqlite_with_rowid=False
    )
    connection = op.get_bind()
    for name, columns in SEARCHED.items():
        table = sa.table(name, sa.column('id'), *map(sa.column, columns))
        last = 0
        while rows := connection.execute(
            sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(5_000)
        ).all():
            last = rows[-1].id
            found = [
                {'kind': name, 'record_id': row.id, 'word': word}
                for row in rows
                for word in words_of(' '.join(value for value in row[1:] if value))
            ]
            if found:
                connection.execute(sa.insert(words), found)
    op.create_index('ix_search_words_by_word', 'search_words', ['kind', 'word', 'record_id'], unique=False)


def downgrade():
    op.drop_index('ix_search_words_by_word', table_name='search_words')
    op.drop_table('search_words')
