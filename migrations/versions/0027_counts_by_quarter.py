"""counts by quarter of an hour

Revision 0027, after 0026.
"""

from collections import Counter
from datetime import UTC
from heapq import merge
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

LIVE = 'draft', 'registered', 'submitted', 'accredited'
SUPPORT = 'interpreter', 'assistant', 'driver'
DIMENSIONS = 'delegation', 'citizenship', 'sex', 'region'
NAMES = 'election_id', 'status', 'dimension', 'key'
MOMENT = sa.DateTime(timezone=True)
# Of each accreditation: who it is, where its history says it stood, and what it then was.
PEOPLE = sa.text("""
    SELECT accreditations.id, election_id, delegation_id, citizenship, sex
    FROM accreditations JOIN observers ON observers.id = observer_id
    ORDER BY accreditations.id
""")
STEPS = sa.text("""
    SELECT accreditation_id, effective_at, id, to_status FROM transitions ORDER BY accreditation_id
""").columns(accreditation_id=sa.Integer, effective_at=MOMENT, id=sa.Integer, to_status=sa.String)
PLACINGS = sa.text("""
    SELECT accreditation_id, effective_at, id, function, region FROM assignments
    ORDER BY accreditation_id
""").columns(accreditation_id=sa.Integer, effective_at=MOMENT, id=sa.Integer, function=sa.String,
    region=sa.String)


def quarter_of(moment):
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def groups(status, function, region, known):
    """The groups of figures that one accreditation is counted in."""
    if status in LIVE:
        yield status, 'function', function or ''
    if status == 'accredited' and function not in SUPPORT:
        for dimension, key in zip(DIMENSIONS, (*known, region), strict=True):
            yield status, dimension, str(key or '')


def changes(rows):
    """By how many each group changed in each quarter of an hour."""
    found = Counter()
    for _id, (person, *history) in groupby(rows, key=itemgetter(0)):
        _id, election_id, *known = person
        status, function, region, before = None, None, None, []
        for _id, moment, _row, *value in sorted(history, key=itemgetter(1, 2)):
            if len(value) == 1:
                [status] = value
            else:
                function, region = value
            after = list(groups(status, function, region, known)) if status else []
            quarter = quarter_of(moment)
            found.update((election_id, *group, quarter) for group in after)
            found.subtract((election_id, *group, quarter) for group in before)
            before = after
    return found


def table(name, *more):
    texts = (sa.column(each, sa.String) for each in NAMES[1:])
    return sa.table(name, sa.column('election_id', sa.Integer), *texts, *more,
        sa.column('count', sa.Integer))


def fill():
    """Fold the whole history."""
    connection = op.get_bind()
    # Of one accreditation the person comes first: `merge` keeps the order of its streams.
    found = changes(merge(*(
        map(tuple, connection.execute(query, execution_options={'yield_per': 10_000}))
        for query in (PEOPLE, STEPS, PLACINGS)
    ), key=itemgetter(0)))
    rows, number = [], Counter()
    for key in sorted(found):
        if found[key]:
            *group, quarter = key
            number[tuple(group)] += found[key]
            rows.append(dict(zip(NAMES, group, strict=True), quarter=quarter, count=number[tuple(group)]))
    counts = table('accreditation_counts')
    known = {tuple(row[:4]) for row in connection.execute(sa.select(counts))}
    op.bulk_insert(counts, [  # held only so that they are looked up: one row a group
        dict(zip(NAMES, group, strict=True), count=0) for group in sorted(set(number) - known)
    ])
    op.bulk_insert(table('accreditation_counts_by_quarter', sa.column('quarter', MOMENT)), rows)


def upgrade():
    status = sa.Enum('draft', 'registered', 'submitted', 'accredited', 'refused', 'withdrawn', 'revoked', 'expired', name='accreditationstatus', native_enum=False, create_constraint=True, length=40)
    dimension = sa.Enum('function', 'delegation', 'citizenship', 'sex', 'region', name='dimension', native_enum=False, create_constraint=True, length=40)
    op.create_table('accreditation_counts_by_quarter',
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('status', status, nullable=False),
    sa.Column('dimension', dimension, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('quarter', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['election_id', 'status', 'dimension', 'key'], ['accreditation_counts.election_id', 'accreditation_counts.status', 'accreditation_counts.dimension', 'accreditation_counts.key'], name=op.f('fk_accreditation_counts_by_quarter_election_id_accreditation_counts')),
    sa.PrimaryKeyConstraint('election_id', 'status', 'dimension', 'key', 'quarter', name=op.f('pk_accreditation_counts_by_quarter'))
    )
    fill()


def downgrade():
    op.drop_table('accreditation_counts_by_quarter')
