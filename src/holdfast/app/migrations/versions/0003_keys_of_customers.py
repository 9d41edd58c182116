"""a key for each customer, keys of the installation by generation, sealed files

Only adds: processes of the version before go on beside it. Which values are sealed anew, and when: app/sealing.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation_key",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("master", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("purpose", "generation", name=op.f("pk_installation_key")),
    )
    op.create_table(
        "customer_key",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_key")),
    )
    op.create_table(
        "key_work",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_key_work")),
    )
    op.add_column("process", sa.Column("keys", sa.Integer(), server_default="0", nullable=False))
    op.add_column("customer", sa.Column("subject", sa.LargeBinary(), nullable=True))
    op.add_column("attachment", sa.Column("customer_id", sa.Uuid(), nullable=True))
    op.add_column("attachment", sa.Column("file_key", sa.LargeBinary(), nullable=True))
    op.add_column("attachment", sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_foreign_key(op.f("fk_attachment_customer_id"), "attachment", "customer", ["customer_id"], ["id"])
    op.create_index(op.f("ix_attachment_customer_id"), "attachment", ["customer_id"])
