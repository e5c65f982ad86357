"""an index along which contents of the audit record are counted

Revision 0039, after 0038.
"""

from alembic import op

from tracker.kernel.online import create_index_online


revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade():
    columns = ['record_table', 'record_id', 'action', 'recorded_at', 'erased_at']
    create_index_online('ix_audit_entries_contents', 'audit_entries', columns)
    op.drop_index('ix_audit_entries_record', table_name='audit_entries')  # begins the same


def downgrade():
    create_index_online('ix_audit_entries_record', 'audit_entries', ['record_table', 'record_id'])
    op.drop_index('ix_audit_entries_contents', table_name='audit_entries')
