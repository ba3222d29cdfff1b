"""The tables of sending: what goes out, how fast, and who is alive to send it."""

import sqlalchemy as sa

from bot.store.columns import CODE, ID, META, NAME, Instant, table

delivery = table(
    "delivery",
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("operation", CODE, nullable=False),
    sa.Column("feature", CODE, nullable=False),
    sa.Column("person", ID),
    sa.Column("channel", CODE),
    sa.Column("platform", CODE, nullable=False),
    sa.Column("to", sa.JSON, nullable=False),
    sa.Column("card", sa.JSON, nullable=False),
    sa.Column("status", CODE, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("message", NAME),
    sa.Column("started_by_bot", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("answered_at", Instant),
    sa.Column("lane", CODE, nullable=False, server_default=""),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", CODE),
    sa.Column("claimed_at", Instant),
    sa.Column("hop", sa.Integer, nullable=False, server_default="0"),
    sa.Column("job_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "tenant", "status", "due_at"),
    sa.Index(None, "tenant", "person", "started_by_bot"),
    sa.Index("ix_delivery_number", "number"),
    sa.Index(
        "ix_delivery_open",
        *("tenant", "lane", "number"),
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    ),
    sa.Index(
        "ix_delivery_due",
        *("tenant", "due_at", "number"),
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    ),
)

rate_gate = sa.Table(
    "rate_gate",
    META,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("closed_until", sa.Float, nullable=False, server_default="0"),
)

replica = sa.Table(
    "replica",
    META,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("beat_at", Instant, nullable=False),
)
