"""Deliveries that several replicas can work on: lanes, fences, jobs; gates for rates; heartbeats."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

OPEN = sa.text("status IN ('pending', 'sending')")
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Add what the version before does not know and need not know: every new column has a default."""
    for column in (
        sa.Column("lane", sa.String(length=80), server_default="", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hop", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("delivery", column)
    op.create_index("ix_delivery_number", "delivery", ["number"], unique=False)
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["tenant", "lane", "number"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["tenant", "due_at", "number"],
        unique=False,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_table(
        "rate_gate",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("closed_until", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_gate")),
    )
    op.create_table(
        "replica",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replica")),
    )
    if op.get_context().dialect.name == "postgresql":
        # Nanoseconds of a clock that stops with the machine numbered the rows before; numbers go on above them.
        op.execute("CREATE SEQUENCE delivery_number")
        op.execute(
            "SELECT setval('delivery_number', GREATEST(COALESCE(MAX(number), 0), 1), COUNT(*) > 0) FROM delivery"
        )


def downgrade() -> None:
    """Take it all back."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE delivery_number")
    op.drop_table("replica")
    op.drop_table("rate_gate")
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.drop_index("ix_delivery_open", table_name="delivery")
    op.drop_index("ix_delivery_number", table_name="delivery")
    with op.batch_alter_table("delivery") as delivery:
        for name in ("failures", "job_at", "hop", "claimed_at", "claimed_by", "fence", "lane"):
            delivery.drop_column(name)
