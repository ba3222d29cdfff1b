"""Whoever is deleted is in no sum, whichever of their rows went first.

Deleting an answer first marks its person as not counted, and the trigger looked only at those who were.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let the sums begin again whoever is deleted; the version before serves on meanwhile."""
    _watch("")


def downgrade() -> None:
    """Look again only at those who were counted."""
    _watch("WHEN (OLD.counted) ")


def _watch(when: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER forget_tallies ON person")
        then = "EXECUTE FUNCTION forget_tallies()"
        op.execute(f"CREATE TRIGGER forget_tallies AFTER DELETE ON person FOR EACH ROW {when}{then}")
    else:
        op.execute("DROP TRIGGER forget_tallies")
        op.execute(
            f"CREATE TRIGGER forget_tallies AFTER DELETE ON person {when}BEGIN "
            "DELETE FROM setting WHERE tenant = OLD.tenant AND name = 'tallies'; END"
        )
