"""counts by day leave: those by quarter of an hour say the same, in every time zone

Revision 0028, after 0027.
"""

from datetime import UTC
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

NAMES = 'election_id', 'status', 'dimension', 'key'
QUARTERS = sa.text("""
    SELECT election_id, status, dimension, key, quarter, count, time_zone
    FROM accreditation_counts_by_quarter JOIN elections ON elections.id = election_id
    ORDER BY quarter
""").columns(election_id=sa.Integer, status=sa.String, dimension=sa.String, key=sa.String,
    quarter=sa.DateTime(timezone=True), count=sa.Integer, time_zone=sa.String)


def upgrade():
    op.drop_table('accreditation_counts_by_day')


def downgrade():
    status = sa.Enum('draft', 'registered', 'submitted', 'accredited', 'refused', 'withdrawn', 'revoked', 'expired', name='accreditationstatus', native_enum=False, create_constraint=True, length=40)
    dimension = sa.Enum('function', 'delegation', 'citizenship', 'sex', 'region', name='dimension', native_enum=False, create_constraint=True, length=40)
    days = op.create_table('accreditation_counts_by_day',
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('status', status, nullable=False),
    sa.Column('dimension', dimension, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['election_id', 'status', 'dimension', 'key'], ['accreditation_counts.election_id', 'accreditation_counts.status', 'accreditation_counts.dimension', 'accreditation_counts.key'], name=op.f('fk_accreditation_counts_by_day_election_id_accreditation_counts')),
    sa.PrimaryKeyConstraint('election_id', 'status', 'dimension', 'key', 'on', name=op.f('pk_accreditation_counts_by_day'))
    )
    numbers = {}  # of a group at the end of a local day: that of the day's last quarter
    for *group, quarter, count, time_zone in op.get_bind().execute(QUARTERS):
        quarter = quarter if quarter.tzinfo else quarter.replace(tzinfo=UTC)
        numbers[*group, quarter.astimezone(ZoneInfo(time_zone)).date()] = count
    op.bulk_insert(days, [
        dict(zip(NAMES, group, strict=True), on=on, count=count)
        for (*group, on), count in numbers.items()
    ])
