"""one conversation over channels"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_presence",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("here", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_customer_presence_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "process_id", name=op.f("pk_customer_presence")),
    )
    op.create_table(
        "address_asked",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_address_asked_conversation_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_address_asked_customer_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_address_asked_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_asked")),
        sa.UniqueConstraint("conversation_id", "number", name=op.f("uq_address_asked_conversation_id_number")),
    )
    op.create_index(op.f("ix_address_asked_customer_id"), "address_asked", ["customer_id"], unique=False)
    op.add_column("contact_point", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail_thread", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("mail_thread", "active", server_default=None)
    # What was put into letters was looked at.
    op.add_column("letter", sa.Column("checks", sa.Text(), nullable=False, server_default=""))
    op.alter_column("letter", "checks", server_default=None)
    op.add_column("mail_thread", sa.Column("noted", sa.Integer(), nullable=True))
    op.execute("UPDATE mail_thread SET noted = seq")
    op.alter_column("mail_thread", "noted", nullable=False)
    op.add_column("sent_letter", sa.Column("first", sa.Integer(), nullable=True))
    op.execute("UPDATE sent_letter SET first = seq")
    op.alter_column("sent_letter", "first", nullable=False)


def downgrade() -> None:
    op.drop_column("sent_letter", "first")
    op.drop_column("mail_thread", "noted")
    op.drop_column("mail_thread", "active")
    op.drop_column("letter", "checks")
    op.drop_column("contact_point", "confirmed_at")
    op.drop_index(op.f("ix_address_asked_customer_id"), table_name="address_asked")
    op.drop_table("address_asked")
    op.drop_table("customer_presence")
