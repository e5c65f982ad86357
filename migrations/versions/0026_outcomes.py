"""outcomes: what became of candidates is counted along an index

Revision 0026, after 0025.
"""

from alembic import op

from tracker.kernel.online import create_index_online


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade():
    create_index_online('ix_submission_items_by_decision', 'submission_items', ['submission_id', 'decision'])
    create_index_online('ix_transitions_by_resolution', 'transitions', ['resolution_id', 'to_status'])
    op.drop_index('ix_transitions_resolution_id', table_name='transitions')


def downgrade():
    op.create_index('ix_transitions_resolution_id', 'transitions', ['resolution_id'], unique=False)
    op.drop_index('ix_transitions_by_resolution', table_name='transitions')
    op.drop_index('ix_submission_items_by_decision', table_name='submission_items')
