"""Every table of the store. Each row belongs to a tenant; UNIQUE constraints hold the truths."""

import sqlalchemy as sa

from bot.store.columns import CODE, ID, META, NAME, Instant, table
from bot.store.tables_figures import feedback, figure, snapshot, tally
from bot.store.tables_sending import delivery, rate_gate, replica

__all__ = ["delivery", "feedback", "figure", "rate_gate", "replica", "snapshot", "tally"]

project = table(
    "project",
    sa.Column("id", ID, primary_key=True),
    sa.Column("pack", CODE, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("goes_live_on", sa.Date, nullable=False),
    sa.Column("zone", CODE, nullable=False),
    sa.Column("region", CODE, nullable=False),
    sa.Column("status", CODE, nullable=False, server_default="active"),
)

company_function = table(
    "company_function",
    sa.Column("code", CODE, primary_key=True),
    sa.Column("headcount", sa.Integer, nullable=False),
    sa.Column("in_scope", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("lead", ID),
)

person = table(
    "person",
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("first_name", NAME),
    sa.Column("email", NAME),
    sa.Column("function", CODE),
    sa.Column("site", NAME),
    sa.Column("locale", CODE, nullable=False),
    sa.Column("zone", CODE, nullable=False),
    sa.Column("region", CODE, nullable=False),
    sa.Column("manager", ID),
    sa.Column("week_hours", sa.Float, nullable=False, server_default="37.5"),
    sa.Column("paused_until", Instant),
    sa.Column("away_until", sa.Date),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("tenant", "email"),
    sa.Index(
        "ix_person_uncounted",
        *("tenant", "id"),
        sqlite_where=sa.text("counted = 0"),
        postgresql_where=sa.text("NOT counted"),
    ),
)

address = table(
    "address",
    sa.Column("platform", CODE, primary_key=True),
    sa.Column("team", CODE, primary_key=True),
    sa.Column("user", NAME, primary_key=True),
    sa.Column("person", ID, nullable=False),
    sa.Column("conversation", sa.String(400)),
    sa.Column("route", sa.JSON, nullable=False),
    sa.Column("used_at", Instant),
    sa.Index(None, "tenant", "person"),
)

channel = table(
    "channel",
    sa.Column("name", CODE, primary_key=True),
    sa.Column("platform", CODE, nullable=False),
    sa.Column("team", CODE, nullable=False),
    sa.Column("conversation", sa.String(400), nullable=False),
    sa.Column("route", sa.JSON, nullable=False),
    sa.Column("locale", CODE, nullable=False),
)

role = table(
    "role",
    sa.Column("person", ID, primary_key=True),
    sa.Column("role", CODE, primary_key=True),
    sa.Column("function", CODE, primary_key=True, server_default=""),
)

inbound_event = sa.Table(
    "inbound_event",
    META,
    sa.Column("platform", CODE, primary_key=True),
    sa.Column("team", CODE, primary_key=True),
    sa.Column("event", sa.String(300), primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
)

run = table(
    "run",
    sa.Column("id", ID, primary_key=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("dialog", CODE, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("subject", sa.JSON, nullable=False),
    sa.Column("campaign", CODE),
    sa.Column("status", CODE, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("active_seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("put_off_until", Instant),
    sa.Column("resumed_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("capacity_flag", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("no_impact", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "tenant", "person", "status"),
    sa.Index(None, "tenant", "kind", "status"),
)

answer = table(
    "answer",
    sa.Column("run", ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("step", CODE, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

impact = table(
    "impact",
    sa.Column("run", ID, primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("person", ID, nullable=False),
    sa.Column("function", CODE, nullable=False),
    sa.Column("dimension", CODE, nullable=False),
    sa.Column("polarity", CODE, nullable=False),
    sa.Column("picks", sa.JSON, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("severity", sa.Integer),
    sa.Column("likelihood", sa.Integer),
    sa.Column("effort_hours", sa.Float),
    sa.Column("status", CODE, nullable=False, server_default="raw"),
    sa.Column("at", Instant, nullable=False),
    sa.Index(None, "tenant", "function"),
    sa.Index(None, "tenant", "person", "function"),
)

item = table(
    "item",
    sa.Column("id", CODE, primary_key=True),
    sa.Column("owner", ID),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("snoozes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("snoozed_until", sa.Date),
    sa.Column("paused_days", sa.Integer, nullable=False, server_default="0"),
    sa.Column("commitment_at", Instant),
    sa.Column("hand_over_asked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "tenant", "owner"),
)

evidence = table(
    "evidence",
    sa.Column("id", ID, primary_key=True),
    sa.Column("item", CODE, nullable=False),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("author", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("tested_on", sa.Date),
    sa.Index(None, "tenant", "item"),
)

closure = table(
    "closure",
    sa.Column("item", CODE, primary_key=True),
    sa.Column("evidence", ID, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

block = table(
    "block",
    sa.Column("id", ID, primary_key=True),
    sa.Column("item", CODE, nullable=False),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    sa.Index(None, "tenant", "item"),
)

nudge = table(
    "nudge",
    sa.Column("delivery", sa.String(200), primary_key=True),
    sa.Column("item", CODE, primary_key=True),
    sa.Column("person", ID, nullable=False),
    sa.Column("rung", CODE, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("answered_at", Instant),
    sa.Index(None, "tenant", "item"),
)

invitation = table(
    "invitation",
    sa.Column("campaign", CODE, primary_key=True),
    sa.Column("person", ID, primary_key=True),
    sa.Column("asked_at", Instant),
    sa.Column("sent_at", Instant),
)

memory = table(
    "memory",
    sa.Column("person", ID, primary_key=True),
    sa.Column("question", CODE, primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
)

attempt = table(
    "attempt",
    sa.Column("run", ID, primary_key=True),
    sa.Column("question", CODE, primary_key=True),
    sa.Column("person", ID, nullable=False),
    sa.Column("correct", sa.Boolean, nullable=False),
    sa.Column("sure", sa.Boolean),
    sa.Column("at", Instant, nullable=False),
)

audit_event = table(
    "audit_event",
    sa.Column("id", ID, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", ID),
    sa.Column("what", CODE, nullable=False),
    sa.Column("object", NAME, nullable=False),
)

setting = table(
    "setting",
    sa.Column("name", CODE, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

web_message = table(
    "web_message",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation", NAME, nullable=False),
    sa.Column("key", sa.String(300), nullable=False),
    sa.Column("author", CODE, nullable=False),
    sa.Column("card", sa.JSON),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("tenant", "key"),
    sa.Index(None, "tenant", "conversation"),
)
