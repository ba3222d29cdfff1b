"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Kind = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]

ID, CODE, NAME = sa.String(40), sa.String(80), sa.String(200)
MOMENT = sa.DateTime(timezone=True)


def column(name: str, kind: Kind, *, null: bool = False, default: Any = None) -> sa.Column[Any]:
    """A column that always has a value unless null is said. default: what the database itself puts there."""
    return sa.Column(name, kind, nullable=null, server_default=default)


def key(name: str, kind: Kind, *, default: Any = None) -> sa.Column[Any]:
    """A column of the primary key."""
    return sa.Column(name, kind, primary_key=True, server_default=default)


TABLES: dict[str, tuple[sa.Column[Any], ...]] = {
    "address": (
        key("platform", CODE),
        key("team", CODE),
        key("user", NAME),
        column("person", ID),
        column("conversation", sa.String(400), null=True),
        column("route", sa.JSON),
        column("used_at", MOMENT, null=True),
    ),
    "answer": (
        key("run", ID),
        key("number", sa.Integer),
        column("step", CODE),
        column("round", sa.Integer),
        column("value", sa.JSON),
        column("at", MOMENT),
    ),
    "attempt": (
        key("run", ID),
        key("question", CODE),
        column("person", ID),
        column("correct", sa.Boolean),
        column("sure", sa.Boolean, null=True),
        column("at", MOMENT),
    ),
    "audit_event": (
        key("id", ID),
        column("at", MOMENT),
        column("who", ID, null=True),
        column("what", CODE),
        column("object", NAME),
    ),
    "block": (
        key("id", ID),
        column("item", CODE),
        column("kind", CODE),
        column("note", sa.Text),
        column("person", ID),
        column("since", sa.Date),
        column("until", sa.Date, null=True),
    ),
    "channel": (
        key("name", CODE),
        column("platform", CODE),
        column("team", CODE),
        column("conversation", sa.String(400)),
        column("route", sa.JSON),
        column("locale", CODE),
    ),
    "closure": (
        key("item", CODE),
        column("evidence", ID),
        column("person", ID),
        column("at", MOMENT),
    ),
    "company_function": (
        key("code", CODE),
        column("headcount", sa.Integer),
        column("in_scope", sa.Boolean, default=sa.true()),
        column("lead", ID, null=True),
    ),
    "delivery": (
        key("id", NAME),
        column("number", sa.BigInteger),
        column("operation", CODE),
        column("feature", CODE),
        column("person", ID, null=True),
        column("channel", CODE, null=True),
        column("platform", CODE),
        column("to", sa.JSON),
        column("card", sa.JSON),
        column("status", CODE),
        column("reason", sa.Text, null=True),
        column("created_at", MOMENT),
        column("due_at", MOMENT),
        column("sent_at", MOMENT, null=True),
        column("attempts", sa.Integer, default="0"),
        column("message", NAME, null=True),
        column("started_by_bot", sa.Boolean, default=sa.false()),
        column("answered_at", MOMENT, null=True),
    ),
    "evidence": (
        key("id", ID),
        column("item", CODE),
        column("kind", CODE),
        column("value", sa.Text),
        column("author", ID),
        column("at", MOMENT),
        column("tested_on", sa.Date, null=True),
    ),
    "feedback": (
        key("week", CODE),
        key("person", ID),
        column("useful", sa.Boolean),
        column("at", MOMENT),
    ),
    "impact": (
        key("run", ID),
        key("round", sa.Integer),
        column("person", ID),
        column("function", CODE),
        column("dimension", CODE),
        column("polarity", CODE),
        column("picks", sa.JSON),
        column("details", sa.JSON),
        column("severity", sa.Integer, null=True),
        column("likelihood", sa.Integer, null=True),
        column("effort_hours", sa.Float, null=True),
        column("status", CODE, default="raw"),
        column("at", MOMENT),
    ),
    "inbound_event": (
        key("platform", CODE),
        key("team", CODE),
        key("event", sa.String(300)),
        column("received_at", MOMENT),
    ),
    "invitation": (
        key("campaign", CODE),
        key("person", ID),
        column("asked_at", MOMENT, null=True),
        column("sent_at", MOMENT, null=True),
    ),
    "item": (
        key("id", CODE),
        column("owner", ID, null=True),
        column("due_on", sa.Date),
        column("revision", sa.Integer, default="0"),
        column("snoozes", sa.Integer, default="0"),
        column("snoozed_until", sa.Date, null=True),
        column("paused_days", sa.Integer, default="0"),
        column("commitment_at", MOMENT, null=True),
        column("hand_over_asked", sa.Boolean, default=sa.false()),
    ),
    "memory": (
        key("person", ID),
        key("question", CODE),
        column("data", sa.JSON),
    ),
    "nudge": (
        key("delivery", NAME),
        key("item", CODE),
        column("person", ID),
        column("rung", CODE),
        column("due_on", sa.Date),
        column("at", MOMENT),
        column("answered_at", MOMENT, null=True),
    ),
    "person": (
        key("id", ID),
        column("name", NAME),
        column("first_name", NAME, null=True),
        column("email", NAME, null=True),
        column("function", CODE, null=True),
        column("site", NAME, null=True),
        column("locale", CODE),
        column("zone", CODE),
        column("region", CODE),
        column("manager", ID, null=True),
        column("week_hours", sa.Float, default="37.5"),
        column("paused_until", MOMENT, null=True),
        column("away_until", sa.Date, null=True),
        column("active", sa.Boolean, default=sa.true()),
    ),
    "project": (
        key("id", ID),
        column("pack", CODE),
        column("starts_on", sa.Date),
        column("goes_live_on", sa.Date),
        column("zone", CODE),
        column("region", CODE),
        column("status", CODE, default="active"),
    ),
    "role": (
        key("person", ID),
        key("role", CODE),
        key("function", CODE, default=""),
    ),
    "run": (
        key("id", ID),
        column("kind", CODE),
        column("dialog", CODE),
        column("person", ID),
        column("subject", sa.JSON),
        column("campaign", CODE, null=True),
        column("status", CODE),
        column("started_at", MOMENT),
        column("last_at", MOMENT),
        column("active_seconds", sa.Float, default="0"),
        column("put_off_until", MOMENT, null=True),
        column("resumed_at", MOMENT, null=True),
        column("ended_at", MOMENT, null=True),
        column("capacity_flag", sa.Boolean, default=sa.false()),
        column("no_impact", sa.Boolean, default=sa.false()),
    ),
    "setting": (
        key("name", CODE),
        column("value", sa.JSON),
    ),
    "snapshot": (
        key("week", CODE),
        column("data", sa.JSON),
        column("formula_version", sa.Integer),
        column("at", MOMENT),
    ),
    "web_message": (
        key("id", sa.Integer),
        column("conversation", NAME),
        column("key", sa.String(300)),
        column("author", CODE),
        column("card", sa.JSON, null=True),
        column("text", sa.Text),
        column("at", MOMENT),
        column("revision", sa.Integer, default="0"),
    ),
}
WITHOUT_TENANT = {"inbound_event"}
"""The key of every other table begins with the tenant."""
UNIQUE = {"person": ("tenant", "email"), "web_message": ("tenant", "key")}
INDEXES: dict[str, list[tuple[str, ...]]] = {
    "address": [("tenant", "person")],
    "block": [("tenant", "item")],
    "delivery": [("tenant", "person", "started_by_bot"), ("tenant", "status", "due_at")],
    "evidence": [("tenant", "item")],
    "impact": [("tenant", "function")],
    "item": [("tenant", "owner")],
    "nudge": [("tenant", "item")],
    "run": [("tenant", "kind", "status"), ("tenant", "person", "status")],
    "web_message": [("tenant", "conversation")],
}


def upgrade() -> None:
    """Make every table."""
    for name, own in TABLES.items():
        columns = own if name in WITHOUT_TENANT else (key("tenant", CODE), *own)
        primary = [one.name for one in columns if one.primary_key]
        constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{name}"))]
        if name in UNIQUE:
            unique = UNIQUE[name]
            constraints.append(sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")))
        op.create_table(name, *columns, *constraints)
        for indexed in INDEXES.get(name, []):
            op.create_index(op.f(f"ix_{name}_{'_'.join(indexed)}"), name, list(indexed))


def downgrade() -> None:
    """Drop every table, and its indexes with it."""
    for name in reversed(TABLES):
        op.drop_table(name)
