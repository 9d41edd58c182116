"""the group that the wallet counts a customer to"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("segment", sa.Text(), nullable=False, server_default=""))
    op.alter_column("customer", "segment", server_default=None)


def downgrade() -> None:
    op.drop_column("customer", "segment")
