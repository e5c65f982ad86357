"""counts by day

Revision 0024, after 0023.
"""

from collections import Counter
from datetime import UTC
from heapq import merge
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

LIVE = 'draft', 'registered', 'submitted', 'accredited'
SUPPORT = 'interpreter', 'assistant', 'driver'
KEYS = 'function', 'delegation', 'citizenship', 'sex', 'region'
PEOPLE = """
    SELECT accreditations.id, 0, election_id, time_zone, delegation_id, citizenship, sex
    FROM accreditations
    JOIN observers ON observers.id = observer_id
    JOIN elections ON elections.id = election_id
    ORDER BY accreditations.id
"""
STEPS = """
    SELECT accreditation_id, 1, effective_at, id, to_status FROM transitions
    ORDER BY accreditation_id, effective_at, id
"""
PLACINGS = """
    SELECT accreditation_id, 2, effective_at, id, function, region FROM assignments
    ORDER BY accreditation_id, effective_at, id
"""
MOMENT = sa.DateTime(timezone=True)


def groups(status, place, delegation_id, citizenship, sex):
    """The groups of figures that one accreditation is counted in."""
    function, region = place
    if status in LIVE:
        yield status, 'function', function or ''
    if status == 'accredited' and function not in SUPPORT:
        for dimension, key in zip(KEYS[1:], (delegation_id, citizenship, sex, region), strict=True):
            yield status, dimension, str(key or '')


def changes(rows):
    """By how many each group changed on each local day."""
    days = Counter()
    for _key, (person, *history) in groupby(rows, key=itemgetter(0)):
        election_id, time_zone, *known = person[2:]
        zone, status, place, before = ZoneInfo(time_zone), None, (None, None), []
        for _id, kind, moment, _row, *value in sorted(history, key=itemgetter(2, 3)):
            if kind == 1:
                [status] = value
            else:
                place = value
            if status is None:
                continue
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            day = moment.astimezone(zone).date()
            after = list(groups(status, place, *known))
            days.update((election_id, *group, day) for group in after)
            days.subtract((election_id, *group, day) for group in before)
            before = after
    return days


def fill():
    """Fold the whole history; days are local, and SQLite knows no time zones."""
    connection = op.get_bind()
    queries = (
        sa.text(PEOPLE),
        sa.text(STEPS).columns(accreditation_id=sa.Integer, kind=sa.Integer, effective_at=MOMENT,
            id=sa.Integer, to_status=sa.String),
        sa.text(PLACINGS).columns(accreditation_id=sa.Integer, kind=sa.Integer, effective_at=MOMENT,
            id=sa.Integer, function=sa.String, region=sa.String),
    )
    streams = [
        (tuple(row) for row in connection.execute(query, execution_options={'yield_per': 10_000}))
        for query in queries
    ]
    days = changes(merge(*streams, key=itemgetter(0)))
    groups_of_days = sorted({key[:-1] for key in days})
    known = set(map(tuple, connection.execute(sa.text(
        'SELECT election_id, status, dimension, key FROM accreditation_counts'
    ))))
    names = 'election_id', 'status', 'dimension', 'key'

    def table(name, *more):
        texts = (sa.column(each, sa.String) for each in names[1:])
        number = sa.column('count', sa.Integer)
        return sa.table(name, sa.column('election_id', sa.Integer), *texts, number, *more)

    counts = table('accreditation_counts')
    op.bulk_insert(counts, [  # held only so that they are looked up: one row a group
        dict(zip(names, group, strict=True), count=0)
        for group in groups_of_days if group not in known
    ])
    rows, total = [], Counter()
    for *group, day in sorted(days):
        change = days[*group, day]
        if change:
            total[tuple(group)] += change
            rows.append(dict(zip(names, group, strict=True), on=day, count=total[tuple(group)]))
    op.bulk_insert(table('accreditation_counts_by_day', sa.column('on', sa.Date)), rows)


def upgrade():
    status = sa.Enum('draft', 'registered', 'submitted', 'accredited', 'refused', 'withdrawn', 'revoked', 'expired', name='accreditationstatus', native_enum=False, create_constraint=True, length=40)
    dimension = sa.Enum('function', 'delegation', 'citizenship', 'sex', 'region', name='dimension', native_enum=False, create_constraint=True, length=40)
    op.create_table('accreditation_counts_by_day',
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('status', status, nullable=False),
    sa.Column('dimension', dimension, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['election_id', 'status', 'dimension', 'key'], ['accreditation_counts.election_id', 'accreditation_counts.status', 'accreditation_counts.dimension', 'accreditation_counts.key'], name=op.f('fk_accreditation_counts_by_day_election_id_accreditation_counts')),
    sa.PrimaryKeyConstraint('election_id', 'status', 'dimension', 'key', 'on', name=op.f('pk_accreditation_counts_by_day'))
    )
    fill()
    op.drop_table('accredited_by_day')


def downgrade():
    op.create_table('accredited_by_day',
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('change', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['election_id'], ['elections.id'], name=op.f('fk_accredited_by_day_election_id_elections')),
    sa.PrimaryKeyConstraint('election_id', 'on', name=op.f('pk_accredited_by_day'))
    )
    op.execute("""
        INSERT INTO accredited_by_day (election_id, "on", change)
        SELECT election_id, "on", sum(change) FROM (
            SELECT election_id, "on",
                count - lag(count, 1, 0) OVER (PARTITION BY election_id, key ORDER BY "on") AS change
            FROM accreditation_counts_by_day
            WHERE dimension = 'function' AND status = 'accredited'
                AND key NOT IN ('interpreter', 'assistant', 'driver')
        ) AS days
        GROUP BY election_id, "on" HAVING sum(change) <> 0
    """)
    op.drop_table('accreditation_counts_by_day')
