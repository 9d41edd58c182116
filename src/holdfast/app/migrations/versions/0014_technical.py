"""technical"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "technical_case",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("description", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["opened_by_id"], ["agent.id"], name=op.f("fk_technical_case_opened_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_technical_case_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_technical_case_reference")),
    )
    op.create_index(op.f("ix_technical_case_state_changed_at"), "technical_case", ["state", "changed_at"], unique=False)
    op.create_table(
        "technical_tracker",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("api", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_technical_tracker_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_tracker")),
        sa.UniqueConstraint("kind", name=op.f("uq_technical_tracker_kind")),
    )
    op.create_table(
        "known_problem",
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_known_problem_case_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_known_problem_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_problem")),
    )
    op.create_index(op.f("ix_known_problem_starts_at"), "known_problem", ["starts_at"], unique=False)
    op.create_table(
        "technical_action",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_technical_action_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_action")),
    )
    op.create_index(op.f("ix_technical_action_case_id"), "technical_action", ["case_id"], unique=False)
    op.create_index(
        "ix_technical_action_waiting",
        "technical_action",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "technical_announcement",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_technical_announcement_case_id")),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["agent.id"], name=op.f("fk_technical_announcement_released_by_id")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["agent.id"], name=op.f("fk_technical_announcement_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_announcement")),
    )
    op.create_index(op.f("ix_technical_announcement_case_id"), "technical_announcement", ["case_id"], unique=False)
    op.create_table(
        "technical_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_technical_event_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_technical_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_event")),
    )
    op.create_index(op.f("ix_technical_event_case_id_id"), "technical_event", ["case_id", "id"], unique=False)
    op.create_table(
        "technical_issue",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("moved_repository", sa.Text(), nullable=True),
        sa.Column("moved_number", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_technical_issue_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_technical_issue")),
    )
    op.create_index(op.f("ix_technical_issue_next_look_at"), "technical_issue", ["next_look_at"], unique=False)
    op.create_index(
        "uq_technical_issue_number",
        "technical_issue",
        ["repository", "number"],
        unique=True,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "technical_delivery",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["technical_announcement.id"],
            name=op.f("fk_technical_delivery_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_technical_delivery_conversation_id")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "conversation_id", name=op.f("pk_technical_delivery")),
    )
    op.create_index(
        op.f("ix_technical_delivery_conversation_id"), "technical_delivery", ["conversation_id"], unique=False
    )
    op.create_index(
        "ix_technical_delivery_waiting",
        "technical_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "technical_link",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tried", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["agent.id"], name=op.f("fk_technical_link_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["technical_case.id"], name=op.f("fk_technical_link_case_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_technical_link_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_link")),
        sa.UniqueConstraint("case_id", "conversation_id", name=op.f("uq_technical_link_case_id_conversation_id")),
    )
    op.create_index(op.f("ix_technical_link_conversation_id"), "technical_link", ["conversation_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_technical_link_conversation_id"), table_name="technical_link")
    op.drop_table("technical_link")
    op.drop_index(
        "ix_technical_delivery_waiting", table_name="technical_delivery", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(op.f("ix_technical_delivery_conversation_id"), table_name="technical_delivery")
    op.drop_table("technical_delivery")
    op.drop_index(
        "uq_technical_issue_number", table_name="technical_issue", postgresql_where=sa.text("number IS NOT NULL")
    )
    op.drop_index(op.f("ix_technical_issue_next_look_at"), table_name="technical_issue")
    op.drop_table("technical_issue")
    op.drop_index(op.f("ix_technical_event_case_id_id"), table_name="technical_event")
    op.drop_table("technical_event")
    op.drop_index(op.f("ix_technical_announcement_case_id"), table_name="technical_announcement")
    op.drop_table("technical_announcement")
    op.drop_index(
        "ix_technical_action_waiting", table_name="technical_action", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(op.f("ix_technical_action_case_id"), table_name="technical_action")
    op.drop_table("technical_action")
    op.drop_index(op.f("ix_known_problem_starts_at"), table_name="known_problem")
    op.drop_table("known_problem")
    op.drop_table("technical_tracker")
    op.drop_index(op.f("ix_technical_case_state_changed_at"), table_name="technical_case")
    op.drop_table("technical_case")
