"""The tables of a week's figures: what each person adds to them, the sums, and the weeks that were published."""

import sqlalchemy as sa

from bot.store.columns import CODE, ID, Instant, table

figure = table(
    "figure",
    sa.Column("person", ID, primary_key=True),
    sa.Column("kind", CODE, primary_key=True),
    sa.Column("function", CODE, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("at", Instant),
    sa.Index(None, "tenant", "kind", "at", "function"),
)

tally = table(
    "tally",
    sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", CODE, primary_key=True),
    sa.Column("function", CODE, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

snapshot = table(
    "snapshot",
    sa.Column("week", CODE, primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("formula_version", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

feedback = table(
    "feedback",
    sa.Column("week", CODE, primary_key=True),
    sa.Column("person", ID, primary_key=True),
    sa.Column("useful", sa.Boolean, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
