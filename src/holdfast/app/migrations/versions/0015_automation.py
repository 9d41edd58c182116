"""automation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _id(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=null)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _text(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=null)


def _sealed(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _int(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _bool(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def _of(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE" if cascade else None
    )


def _key(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "automation_rule",
        _id("rule_id"), _int("version"), _id("content_id"), _text("name"), _int("position"), _bool("active"),
        _bool("removed"), _json("when"), _json("conditions"), _json("actions"), _at("since", null=True),
        _id("made_by_id"), _at("made_at"), _id("id"),
        _of("automation_rule", "made_by_id", "agent"),
        _key("automation_rule"),
        sa.UniqueConstraint("rule_id", "version", name=op.f("uq_automation_rule_rule_id_version")),
    )  # fmt: skip
    op.create_table(
        "automation_cursor",
        _id("conversation_id"), _int("seq"),
        _of("automation_cursor", "conversation_id", "conversation", cascade=True),
        _key("automation_cursor", "conversation_id"),
    )  # fmt: skip
    op.create_table(
        "automation_timer",
        _id("conversation_id"), _id("rule_id"), _int("seq"), _at("event_at"), _id("id"),
        _of("automation_timer", "conversation_id", "conversation", cascade=True),
        _key("automation_timer"),
        sa.UniqueConstraint("conversation_id", "rule_id", name=op.f("uq_automation_timer_conversation_id_rule_id")),
    )  # fmt: skip
    op.create_table(
        "automation_firing",
        _id("version_id"), _id("rule_id"), _id("conversation_id"), _int("seq"), _text("event"), _at("event_at"),
        _int("depth"), _text("stopped", null=True), _json("why"), _json("done"), _at("at"), _id("id"),
        _of("automation_firing", "version_id", "automation_rule"),
        _of("automation_firing", "conversation_id", "conversation", cascade=True),
        _key("automation_firing"),
        sa.UniqueConstraint(
            "conversation_id", "seq", "rule_id", name=op.f("uq_automation_firing_conversation_id_seq_rule_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_automation_firing_rule_id_at"), "automation_firing", ["rule_id", "at"])
    op.create_index(op.f("ix_automation_firing_at"), "automation_firing", ["at"])
    op.create_table(
        "automation_trial",
        _id("version_id"), _at("since"), _text("state"), _int("total"), _int("seen"), _int("fired"),
        _id("after_id", null=True), _json("found"), _id("asked_by_id"), _at("asked_at"), _at("finished_at", null=True),
        _id("id"),
        _of("automation_trial", "version_id", "automation_rule"),
        _of("automation_trial", "asked_by_id", "agent"),
        _key("automation_trial"),
    )  # fmt: skip
    op.create_index(op.f("ix_automation_trial_version_id"), "automation_trial", ["version_id"])
    op.create_table(
        "scheduled_message",
        _id("conversation_id"), _id("agent_id"), _sealed("body"), _at("at"), _bool("anyway"), _int("seq"),
        _text("state"), _text("why", null=True), _at("made_at"), _at("ended_at", null=True), _id("id"),
        _of("scheduled_message", "conversation_id", "conversation", cascade=True),
        _of("scheduled_message", "agent_id", "agent"),
        _key("scheduled_message"),
    )  # fmt: skip
    op.create_index(
        "ix_scheduled_message_open",
        "scheduled_message",
        ["conversation_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "follow_up",
        _id("conversation_id"), _id("agent_id"), _at("at"), _sealed("note"), _at("made_at"),
        _of("follow_up", "conversation_id", "conversation", cascade=True),
        _of("follow_up", "agent_id", "agent"),
        _key("follow_up", "conversation_id"),
    )  # fmt: skip


def downgrade() -> None:
    for table in (
        "follow_up",
        "scheduled_message",
        "automation_trial",
        "automation_firing",
        "automation_timer",
        "automation_cursor",
        "automation_rule",
    ):
        op.drop_table(table)
