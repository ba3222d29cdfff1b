"""Alembic's way in: always on the connection that the program gives."""

from alembic import context

from bot.store import tables  # noqa: F401 - importing it is what fills META
from bot.store.columns import META

context.configure(
    connection=context.config.attributes["connection"], target_metadata=META, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
