"""What one writes with botbuilder-dialogs: a waterfall of questions with its state in memory."""

from bench.peers_waterfall import Bot, Library
from bench.table import NotHereError

try:
    from botbuilder import core, dialogs, schema
except ImportError as error:
    raise NotHereError("peer not installed: pip install --no-deps botbuilder-dialogs==4.17.1") from error

LIBRARY = Library(core, dialogs, schema, core.BotAdapter, core.ConversationState.save_changes)


def bot() -> Bot:
    """A bot that remembers as long as it lives."""
    return Bot(LIBRARY, core.MemoryStorage())
