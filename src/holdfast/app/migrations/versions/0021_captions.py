"""lines in whose calls what is said is written down"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("line", sa.Column("captions", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("line", "captions", server_default=None)


def downgrade() -> None:
    op.drop_column("line", "captions")
