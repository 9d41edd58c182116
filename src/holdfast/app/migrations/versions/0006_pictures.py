"""whether a picture was read, and what came of it

Only adds. Files that are here already were shown already: they count as clear, and so does what the version before
stores while both run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachment", sa.Column("state", sa.Text(), nullable=False, server_default="clear"))
    op.create_index(
        "ix_attachment_to_read",
        "attachment",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'reading' OR (state = 'secret' AND key <> '')"),
    )


def downgrade() -> None:
    op.drop_index("ix_attachment_to_read", table_name="attachment")
    op.drop_column("attachment", "state")
