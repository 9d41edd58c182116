"""verification"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_passkey",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_passkey_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_customer_passkey_credential_id")),
    )
    op.create_index(op.f("ix_customer_passkey_customer_id"), "customer_passkey", ["customer_id"], unique=False)
    op.create_table(
        "verification_purpose",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("holds_seconds", sa.Integer(), nullable=False),
        sa.Column("enrolled_hours", sa.Integer(), nullable=False),
        sa.Column("chain_required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_verification_purpose_changed_by_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_verification_purpose")),
    )
    op.create_table(
        "compromise_mark",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_compromise_mark_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compromise_mark")),
    )
    op.create_index(op.f("ix_compromise_mark_conversation_id"), "compromise_mark", ["conversation_id"], unique=False)
    op.create_table(
        "verification",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warnings", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=True),
        sa.Column("address_ends", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("refused_method", sa.Text(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["agent.id"], name=op.f("fk_verification_asked_by_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_verification_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index(
        op.f("ix_verification_conversation_id_asked_at"), "verification", ["conversation_id", "asked_at"], unique=False
    )
    op.create_table(
        "verification_challenge",
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.Column("rendered", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_verification_challenge_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_verification_challenge_verification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_challenge")),
        sa.UniqueConstraint("nonce", name=op.f("uq_verification_challenge_nonce")),
    )
    op.create_index(
        op.f("ix_verification_challenge_created_at"), "verification_challenge", ["created_at"], unique=False
    )
    op.create_index(
        op.f("ix_verification_challenge_verification_id"), "verification_challenge", ["verification_id"], unique=False
    )
    op.add_column("conversation", sa.Column("verification", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversation", sa.Column("verified_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("conversation", "verified_until")
    op.drop_column("conversation", "verification")
    op.drop_index(op.f("ix_verification_challenge_verification_id"), table_name="verification_challenge")
    op.drop_index(op.f("ix_verification_challenge_created_at"), table_name="verification_challenge")
    op.drop_table("verification_challenge")
    op.drop_index(op.f("ix_verification_conversation_id_asked_at"), table_name="verification")
    op.drop_table("verification")
    op.drop_index(op.f("ix_compromise_mark_conversation_id"), table_name="compromise_mark")
    op.drop_table("compromise_mark")
    op.drop_table("verification_purpose")
    op.drop_index(op.f("ix_customer_passkey_customer_id"), table_name="customer_passkey")
    op.drop_table("customer_passkey")
