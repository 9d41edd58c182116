"""paging"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paging_warning",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("duty", name=op.f("pk_paging_warning")),
    )
    op.create_table(
        "contact_method",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_contact_method_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_method")),
    )
    op.create_index(op.f("ix_contact_method_agent_id"), "contact_method", ["agent_id"], unique=False)
    op.create_table(
        "page",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_page_agent_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["agent.id"], name=op.f("fk_page_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
    )
    op.create_index(op.f("ix_page_raised_at"), "page", ["raised_at"], unique=False)
    op.create_index(
        "uq_page_open_about", "page", ["about"], unique=True, postgresql_where=sa.text("state <> 'resolved'")
    )
    op.create_table(
        "paging_policy",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_paging_policy_changed_by_id")),
        sa.PrimaryKeyConstraint("duty", name=op.f("pk_paging_policy")),
    )
    op.create_table(
        "paging_provider",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_paging_provider_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paging_provider")),
        sa.UniqueConstraint("kind", name=op.f("uq_paging_provider_kind")),
    )
    op.create_table(
        "rota",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("layers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["agent.id"], name=op.f("fk_rota_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
        sa.UniqueConstraint("name", name=op.f("uq_rota_name")),
    )
    op.create_table(
        "page_delivery",
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_page_delivery_agent_id")),
        sa.ForeignKeyConstraint(
            ["method_id"], ["contact_method.id"], name=op.f("fk_page_delivery_method_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_delivery_page_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_delivery")),
    )
    op.create_index(op.f("ix_page_delivery_method_id"), "page_delivery", ["method_id"], unique=False)
    op.create_index(
        op.f("ix_page_delivery_page_id_step_round"), "page_delivery", ["page_id", "step", "round"], unique=False
    )
    op.create_index(
        "ix_page_delivery_waiting",
        "page_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "page_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("via", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_page_event_agent_id")),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_event_page_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_event")),
    )
    op.create_index(op.f("ix_page_event_page_id_id"), "page_event", ["page_id", "id"], unique=False)
    op.create_table(
        "rota_override",
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_rota_override_agent_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["agent.id"], name=op.f("fk_rota_override_made_by_id")),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_override_rota_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_override")),
    )
    op.create_index(op.f("ix_rota_override_rota_id_ends_at"), "rota_override", ["rota_id", "ends_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_rota_override_rota_id_ends_at"), table_name="rota_override")
    op.drop_table("rota_override")
    op.drop_index(op.f("ix_page_event_page_id_id"), table_name="page_event")
    op.drop_table("page_event")
    op.drop_index("ix_page_delivery_waiting", table_name="page_delivery", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(op.f("ix_page_delivery_page_id_step_round"), table_name="page_delivery")
    op.drop_index(op.f("ix_page_delivery_method_id"), table_name="page_delivery")
    op.drop_table("page_delivery")
    op.drop_table("rota")
    op.drop_table("paging_provider")
    op.drop_table("paging_policy")
    op.drop_index("uq_page_open_about", table_name="page", postgresql_where=sa.text("state <> 'resolved'"))
    op.drop_index(op.f("ix_page_raised_at"), table_name="page")
    op.drop_table("page")
    op.drop_index(op.f("ix_contact_method_agent_id"), table_name="contact_method")
    op.drop_table("contact_method")
    op.drop_table("paging_warning")
