"""web push, and access tokens of topics"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_key",
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_key")),
    )
    op.add_column("contact_method", sa.Column("secret", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("contact_method", "secret")
    op.drop_table("push_key")
