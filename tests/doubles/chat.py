"""What a test may do in front of any platform: a person who reads, types, taps and fills in."""

from collections.abc import Mapping, Sequence
from typing import Protocol


def alike(shown: str, wanted: str) -> bool:
    """Whether a label is the one wanted, whatever kinds of space typography put in."""
    return " ".join(shown.split()) == " ".join(wanted.split())


class Chat(Protocol):
    """One person's one-to-one conversation with the bot, on one platform.

    Every action builds the request that the real platform would send, delivers it to the bot over HTTP,
    asserts that the answer is what the platform expects, and waits until the bot's own messages are out.
    """

    async def says(self, text: str) -> None:
        """Type a message."""
        ...

    async def commands(self, words: str) -> None:
        """Use the bot's command: `/embarque words` on Slack, a message elsewhere."""
        ...

    async def clicks(self, label: str) -> None:
        """Tap the newest button with this label that is still shown; fail when there is none."""
        ...

    async def fills(self, values: Mapping[str, str | Sequence[str]], submit: str) -> None:
        """Fill the newest form shown (labels of fields to text, or to labels of entries) and send it."""
        ...

    async def looks(self) -> None:
        """Read the conversation as it stands now."""
        ...

    async def redeliver(self) -> int:
        """Have the platform deliver the last request once more, as it does after no answer; gives the status."""
        ...

    def screen(self) -> list[str]:
        """The words of every message as shown now, oldest first; an open form is the last one."""
        ...

    def heard(self) -> list[str]:
        """The same without what the person typed or tapped."""
        ...

    def newest(self, count: int = 3) -> str:
        """The words of the last messages, for assertions."""
        ...

    def errors(self) -> Mapping[str, str]:
        """Field label to error sentence of the form shown, if any."""
        ...
