"""rules that run while they are changed"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("automation_rule", sa.Column("running_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_automation_rule_running_id"), "automation_rule", "automation_rule", ["running_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_automation_rule_running_id"), "automation_rule")
    op.drop_column("automation_rule", "running_id")
