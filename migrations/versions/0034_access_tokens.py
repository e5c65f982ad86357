"""tokens that programs show in place of a session

Revision 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op


revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade():
    role = sa.Enum('registrar', 'coordinator', 'official', 'commission', 'focal_point', 'administrator', 'auditor', name='role', native_enum=False, create_constraint=True, length=40)
    op.create_table('access_tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('role', role, nullable=True),
    sa.Column('scopes', sa.String(length=200), nullable=False),
    sa.Column('secret_digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_on', sa.Date(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(length=200), nullable=True),
    sa.CheckConstraint('(user_id IS NULL) = (role IS NOT NULL)', name=op.f('ck_access_tokens_owner_or_role')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_access_tokens_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_tokens')),
    sa.UniqueConstraint('secret_digest', name=op.f('uq_access_tokens_secret_digest'))
    )
    op.create_index('ix_access_tokens_user', 'access_tokens', ['user_id', 'id'], unique=False)


def downgrade():
    op.drop_index('ix_access_tokens_user', table_name='access_tokens')
    op.drop_table('access_tokens')
