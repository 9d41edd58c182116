"""promises"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promise_calendar",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("weekly", postgresql.JSONB(), nullable=False),
        sa.Column("holidays", postgresql.JSONB(), nullable=False),
        sa.Column("exceptions", postgresql.JSONB(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["agent.id"], name=op.f("fk_promise_calendar_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_calendar")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_promise_calendar_key_version")),
    )
    op.create_table(
        "promise_policy",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("match", postgresql.JSONB(), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("wait_seconds", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["promise_calendar.id"], name=op.f("fk_promise_policy_calendar_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["agent.id"], name=op.f("fk_promise_policy_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_policy")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_promise_policy_key_version")),
    )
    op.create_table(
        "promise_book",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("book", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_promise_book_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_promise_book")),
    )
    op.create_table(
        "promise",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("held", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_promise_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["promise_policy.id"], name=op.f("fk_promise_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("conversation_id", "kind", "seq", name=op.f("uq_promise_conversation_id_kind_seq")),
    )
    op.create_index("ix_promise_started", "promise", ["started_at"], unique=False)
    op.create_index(
        "ix_promise_owed",
        "promise",
        ["conversation_id"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    # What was settled before promises were kept has none; what is open is read from its beginning.
    op.execute(
        "INSERT INTO promise_book (conversation_id, seq) SELECT id, seq FROM conversation WHERE category = 'resolved'"
    )


def downgrade() -> None:
    op.drop_index("ix_promise_owed", table_name="promise")
    op.drop_index("ix_promise_started", table_name="promise")
    op.drop_table("promise")
    op.drop_table("promise_book")
    op.drop_table("promise_policy")
    op.drop_table("promise_calendar")
