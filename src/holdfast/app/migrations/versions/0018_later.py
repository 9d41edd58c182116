"""rules that run while they are changed, and files of messages for later"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("automation_rule", sa.Column("running_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_automation_rule_running_id"), "automation_rule", "automation_rule", ["running_id"], ["id"]
    )
    op.add_column("attachment", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "scheduled_message", sa.Column("files", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("scheduled_message", "files")
    op.drop_column("attachment", "held_until")
    op.drop_constraint(op.f("fk_automation_rule_running_id"), "automation_rule")
    op.drop_column("automation_rule", "running_id")
