"""two-way proof"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "official_channel",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_channel")),
    )
    op.create_index(op.f("ix_official_channel_kind_key"), "official_channel", ["kind", "key"], unique=True)
    op.create_table(
        "signing_key",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("purpose", name=op.f("uq_signing_key_purpose")),
    )
    op.create_table(
        "personal_code",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_personal_code_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_personal_code")),
    )
    op.create_table(
        "impostor_case",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("target_index", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impostor_case")),
    )
    op.create_index(op.f("ix_impostor_case_kind_target_index"), "impostor_case", ["kind", "target_index"], unique=True)
    op.create_index(op.f("ix_impostor_case_state_changed_at"), "impostor_case", ["state", "changed_at"], unique=False)
    op.create_table(
        "impostor_report",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("attachments", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_impostor_report_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["impostor_case.id"], name=op.f("fk_impostor_report_case_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_impostor_report_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impostor_report")),
    )
    op.create_index(op.f("ix_impostor_report_case_id_at"), "impostor_report", ["case_id", "at"], unique=False)
    op.create_table(
        "impostor_step",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_impostor_step_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["impostor_case.id"], name=op.f("fk_impostor_step_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impostor_step")),
    )
    op.create_index(op.f("ix_impostor_step_case_id_at"), "impostor_step", ["case_id", "at"], unique=False)


def downgrade() -> None:
    for table in ("impostor_step", "impostor_report", "impostor_case", "personal_code", "signing_key"):
        op.drop_table(table)
    op.drop_table("official_channel")
