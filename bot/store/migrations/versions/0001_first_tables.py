"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "address",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("platform", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("conversation", sa.String(length=400), nullable=True),
        sa.Column("route", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "platform", "team", "user", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_tenant_person"), "address", ["tenant", "person"], unique=False)
    op.create_table(
        "answer",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "number", name=op.f("pk_answer")),
    )
    op.create_table(
        "attempt",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "question", name=op.f("pk_attempt")),
    )
    op.create_table(
        "audit_event",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=True),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "block",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_tenant_item"), "block", ["tenant", "item"], unique=False)
    op.create_table(
        "channel",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("platform", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("conversation", sa.String(length=400), nullable=False),
        sa.Column("route", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_channel")),
    )
    op.create_table(
        "closure",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "item", name=op.f("pk_closure")),
    )
    op.create_table(
        "company_function",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("in_scope", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("lead", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "code", name=op.f("pk_company_function")),
    )
    op.create_table(
        "delivery",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("feature", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=80), nullable=True),
        sa.Column("platform", sa.String(length=80), nullable=False),
        sa.Column("to", sa.JSON(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message", sa.String(length=200), nullable=True),
        sa.Column("started_by_bot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_delivery")),
    )
    op.create_index(
        op.f("ix_delivery_tenant_person_started_by_bot"),
        "delivery",
        ["tenant", "person", "started_by_bot"],
        unique=False,
    )
    op.create_index(
        op.f("ix_delivery_tenant_status_due_at"), "delivery", ["tenant", "status", "due_at"], unique=False
    )
    op.create_table(
        "evidence",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_tenant_item"), "evidence", ["tenant", "item"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("week", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "week", "person", name=op.f("pk_feedback")),
    )
    op.create_table(
        "impact",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("function", sa.String(length=80), nullable=False),
        sa.Column("dimension", sa.String(length=80), nullable=False),
        sa.Column("polarity", sa.String(length=80), nullable=False),
        sa.Column("picks", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("likelihood", sa.Integer(), nullable=True),
        sa.Column("effort_hours", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=80), server_default="raw", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run", "round", name=op.f("pk_impact")),
    )
    op.create_index(op.f("ix_impact_tenant_function"), "impact", ["tenant", "function"], unique=False)
    op.create_table(
        "inbound_event",
        sa.Column("platform", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=300), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "team", "event", name=op.f("pk_inbound_event")),
    )
    op.create_table(
        "invitation",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "campaign", "person", name=op.f("pk_invitation")),
    )
    op.create_table(
        "item",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snoozes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("paused_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("commitment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hand_over_asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_item")),
    )
    op.create_index(op.f("ix_item_tenant_owner"), "item", ["tenant", "owner"], unique=False)
    op.create_table(
        "memory",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "person", "question", name=op.f("pk_memory")),
    )
    op.create_table(
        "nudge",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "delivery", "item", name=op.f("pk_nudge")),
    )
    op.create_index(op.f("ix_nudge_tenant_item"), "nudge", ["tenant", "item"], unique=False)
    op.create_table(
        "person",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("function", sa.String(length=80), nullable=True),
        sa.Column("site", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("manager", sa.String(length=40), nullable=True),
        sa.Column("week_hours", sa.Float(), server_default="37.5", nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("tenant", "email", name=op.f("uq_person_tenant_email")),
    )
    op.create_table(
        "project",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("pack", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("goes_live_on", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=80), server_default="active", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_project")),
    )
    op.create_table(
        "role",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("function", sa.String(length=80), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "person", "role", "function", name=op.f("pk_role")),
    )
    op.create_table(
        "run",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("dialog", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("put_off_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity_flag", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("no_impact", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_tenant_kind_status"), "run", ["tenant", "kind", "status"], unique=False)
    op.create_index(op.f("ix_run_tenant_person_status"), "run", ["tenant", "person", "status"], unique=False)
    op.create_table(
        "setting",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_setting")),
    )
    op.create_table(
        "snapshot",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("week", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("formula_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "week", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "web_message",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("card", sa.JSON(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_web_message")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_web_message_tenant_key")),
    )
    op.create_index(
        op.f("ix_web_message_tenant_conversation"), "web_message", ["tenant", "conversation"], unique=False
    )


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(op.f("ix_web_message_tenant_conversation"), table_name="web_message")
    op.drop_table("web_message")
    op.drop_table("snapshot")
    op.drop_table("setting")
    op.drop_index(op.f("ix_run_tenant_person_status"), table_name="run")
    op.drop_index(op.f("ix_run_tenant_kind_status"), table_name="run")
    op.drop_table("run")
    op.drop_table("role")
    op.drop_table("project")
    op.drop_table("person")
    op.drop_index(op.f("ix_nudge_tenant_item"), table_name="nudge")
    op.drop_table("nudge")
    op.drop_table("memory")
    op.drop_index(op.f("ix_item_tenant_owner"), table_name="item")
    op.drop_table("item")
    op.drop_table("invitation")
    op.drop_table("inbound_event")
    op.drop_index(op.f("ix_impact_tenant_function"), table_name="impact")
    op.drop_table("impact")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_evidence_tenant_item"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_delivery_tenant_status_due_at"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_tenant_person_started_by_bot"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("company_function")
    op.drop_table("closure")
    op.drop_table("channel")
    op.drop_index(op.f("ix_block_tenant_item"), table_name="block")
    op.drop_table("block")
    op.drop_table("audit_event")
    op.drop_table("attempt")
    op.drop_table("answer")
    op.drop_index(op.f("ix_address_tenant_person"), table_name="address")
    op.drop_table("address")
