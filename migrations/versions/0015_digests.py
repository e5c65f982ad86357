"""digests

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('digests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paper_en', sa.String(length=64), nullable=False),
    sa.Column('paper_ru', sa.String(length=64), nullable=False),
    sa.Column('paper_kk', sa.String(length=64), nullable=False),
    sa.Column('recipients', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['election_id'], ['elections.id'], name=op.f('fk_digests_election_id_elections')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digests')),
    sa.UniqueConstraint('election_id', 'on', name=op.f('uq_digests_election_id_on'))
    )
    op.create_table('digest_recipients',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('election_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('email_digest', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.CheckConstraint("language IN ('en', 'ru', 'kk')", name=op.f('ck_digest_recipients_language')),
    sa.ForeignKeyConstraint(['election_id'], ['elections.id'], name=op.f('fk_digest_recipients_election_id_elections')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_recipients')),
    sa.UniqueConstraint('election_id', 'email_digest', name=op.f('uq_digest_recipients_election_id_email_digest'))
    )
    with op.batch_alter_table('elections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digest_at', sa.Time(), nullable=True))

    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attachment', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('attachment_name', sa.String(length=200), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_outbox_messages_attachment_has_a_name'), '(attachment IS NULL) = (attachment_name IS NULL)')


def downgrade():
    with op.batch_alter_table('outbox_messages', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_outbox_messages_attachment_has_a_name'), type_='check')
        batch_op.drop_column('attachment_name')
        batch_op.drop_column('attachment')

    with op.batch_alter_table('elections', schema=None) as batch_op:
        batch_op.drop_column('digest_at')

    op.drop_table('digest_recipients')
    op.drop_table('digests')
