"""mail"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("deletes", sa.Boolean(), nullable=False),
        sa.Column("authserv", sa.Text(), nullable=False),
        sa.Column("dkim_selector", sa.Text(), nullable=False),
        sa.Column("dkim_key", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_mailbox_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("address", name=op.f("uq_mailbox_address")),
    )
    op.create_table(
        "letter",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender_index", sa.LargeBinary(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("raw_key", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_letter_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_letter_customer_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["agent.id"], name=op.f("fk_letter_decided_by_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_letter_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
    )
    op.create_index(op.f("ix_letter_came_at"), "letter", ["came_at"], unique=False)
    op.create_index(op.f("ix_letter_conversation_id"), "letter", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_letter_sender_index_came_at"), "letter", ["sender_index", "came_at"], unique=False)
    op.create_index(op.f("ix_letter_customer_id"), "letter", ["customer_id"], unique=False)
    op.create_index(
        "ix_letter_quarantined", "letter", ["came_at"], unique=False, postgresql_where=sa.text("state = 'quarantined'")
    )
    op.create_table(
        "mail_thread",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("last_id", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_mail_thread_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_mail_thread_customer_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mail_thread_mailbox_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_mail_thread")),
    )
    op.create_index(op.f("ix_mail_thread_customer_id"), "mail_thread", ["customer_id"], unique=False)
    op.create_table(
        "sent_letter",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Integer(), nullable=True),
        sa.Column("to_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_sent_letter_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_letter")),
        sa.UniqueConstraint("conversation_id", "seq", "kind", name=op.f("uq_sent_letter_conversation_id_seq_kind")),
    )
    op.create_index(op.f("ix_sent_letter_to_hash_created_at"), "sent_letter", ["to_hash", "created_at"], unique=False)
    op.create_index(
        "ix_sent_letter_waiting",
        "sent_letter",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    # Whoever answers chats answers letters too, twice as many at once: they are slower.
    op.execute(
        "UPDATE agent SET capacity = capacity || '{\"email\": 8}' WHERE capacity ? 'chat' AND NOT capacity ? 'email'"
    )
    op.add_column("contact_point", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("contact_point", "bounced_at")
    op.drop_index("ix_sent_letter_waiting", table_name="sent_letter")
    op.drop_index(op.f("ix_sent_letter_to_hash_created_at"), table_name="sent_letter")
    op.drop_table("sent_letter")
    op.drop_index(op.f("ix_mail_thread_customer_id"), table_name="mail_thread")
    op.drop_table("mail_thread")
    op.drop_index("ix_letter_quarantined", table_name="letter")
    op.drop_index(op.f("ix_letter_sender_index_came_at"), table_name="letter")
    op.drop_index(op.f("ix_letter_customer_id"), table_name="letter")
    op.drop_index(op.f("ix_letter_conversation_id"), table_name="letter")
    op.drop_index(op.f("ix_letter_came_at"), table_name="letter")
    op.drop_table("letter")
    op.drop_table("mailbox")
