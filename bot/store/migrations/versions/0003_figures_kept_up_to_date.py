"""Figures kept up to date by a job: what each person adds, the sums, and triggers that say whom to count again.

A table that SQLite rebuilds (batch_alter_table) loses its triggers: a later migration that does so on person, run,
impact or invitation makes them again with `watch`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FINISHED = "{}.status = 'finished'"
WATCHED = {
    # table: (columns whose change matters, when a row matters)
    "run": ("status, ended_at, no_impact", FINISHED),
    "impact": ("function, person", ""),
    "invitation": ("sent_at", "{}.sent_at IS NOT NULL"),
}
CHANGING = ("function", "active", "away_until")
"""What a person's figures depend on beside what they answered."""


def upgrade() -> None:
    """Add columns with defaults and tables of their own: the version before serves on meanwhile."""
    op.add_column("person", sa.Column("counted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_person_uncounted",
        "person",
        ["tenant", "id"],
        sqlite_where=sa.text("counted = 0"),
        postgresql_where=sa.text("NOT counted"),
    )
    op.create_index(op.f("ix_impact_tenant_person_function"), "impact", ["tenant", "person", "function"])
    op.create_table(
        "figure",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("function", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "person", "kind", "function", name=op.f("pk_figure")),
    )
    op.create_index(op.f("ix_figure_tenant_kind_at_function"), "figure", ["tenant", "kind", "at", "function"])
    op.create_table(
        "tally",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("function", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "hour", "kind", "function", name=op.f("pk_tally")),
    )
    if op.get_context().dialect.name == "postgresql":
        _watch_postgresql()
    else:
        _watch_sqlite()


def downgrade() -> None:
    """Take it all back."""
    if op.get_context().dialect.name == "postgresql":
        for function in ("count_again", "count_person_again", "forget_tallies"):
            op.execute(f"DROP FUNCTION {function}() CASCADE")
    else:
        for (name,) in op.get_bind().execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            op.execute(f'DROP TRIGGER "{name}"')
    op.drop_table("tally")
    op.drop_table("figure")
    op.drop_index(op.f("ix_impact_tenant_person_function"), table_name="impact")
    op.drop_index("ix_person_uncounted", table_name="person")
    with op.batch_alter_table("person") as person:
        person.drop_column("counted")


def _watch_sqlite() -> None:
    for table, (columns, matters) in WATCHED.items():
        for event, row in (("INSERT", "NEW"), (f"UPDATE OF {columns}", "NEW"), ("DELETE", "OLD")):
            either = matters.format("NEW") + (" OR " + matters.format("OLD") if matters else "")
            when = either if event.startswith("UPDATE") else matters.format(row)
            op.execute(
                f"CREATE TRIGGER count_again_{table}_{event[:6].lower()} AFTER {event} ON {table} "
                f"{f'WHEN {when} ' if when.strip() else ''}BEGIN UPDATE person SET counted = 0 "
                f"WHERE tenant = {row}.tenant AND id = {row}.person AND counted; END"
            )
    op.execute(
        f"CREATE TRIGGER count_person_again AFTER UPDATE OF {', '.join(CHANGING)} ON person "
        f"WHEN {_other('IS NOT')} BEGIN "
        "UPDATE person SET counted = 0 WHERE tenant = NEW.tenant AND id = NEW.id; END"
    )
    op.execute(
        "CREATE TRIGGER forget_tallies AFTER DELETE ON person WHEN OLD.counted BEGIN "
        "DELETE FROM setting WHERE tenant = OLD.tenant AND name = 'tallies'; END"
    )


def _watch_postgresql() -> None:
    # Without "AND counted": who counts has locked the row, and a turn must wait for them to mark it once more.
    _function(
        "count_again",
        "one record; BEGIN IF TG_OP = 'DELETE' THEN one := OLD; ELSE one := NEW; END IF; "
        "UPDATE person SET counted = false WHERE tenant = one.tenant AND id = one.person; RETURN NULL;",
    )
    _function(
        "count_person_again",
        "BEGIN UPDATE person SET counted = false WHERE tenant = NEW.tenant AND id = NEW.id; RETURN NULL;",
    )
    _function(
        "forget_tallies",
        "BEGIN DELETE FROM setting WHERE tenant = OLD.tenant AND name = 'tallies'; RETURN NULL;",
    )
    for table, (columns, matters) in WATCHED.items():
        for event, row in (("INSERT", "NEW"), (f"UPDATE OF {columns}", "NEW"), ("DELETE", "OLD")):
            either = matters.format("NEW") + (" OR " + matters.format("OLD") if matters else "")
            when = either if event.startswith("UPDATE") else matters.format(row)
            _trigger(f"count_again_{table}_{event[:6].lower()}", event, table, when, "count_again")
    event = f"UPDATE OF {', '.join(CHANGING)}"
    _trigger("count_person_again", event, "person", _other("IS DISTINCT FROM"), "count_person_again")
    _trigger("forget_tallies", "DELETE", "person", "OLD.counted", "forget_tallies")


def _other(differs: str) -> str:
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in CHANGING)


def _function(name: str, body: str) -> None:
    start = "DECLARE " if body.startswith("one ") else ""
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {start}{body} END $$")


def _trigger(name: str, event: str, table: str, when: str, function: str) -> None:
    condition = f"WHEN ({when}) " if when.strip() else ""
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {condition}EXECUTE FUNCTION {function}()"
    )
